#!/bin/sh
# Starts Traefik of the compose deployment. Its static configuration can name no file with a password, so the one of Redis is put
# in here, in memory, where neither an environment nor an argument shows it.
set -eu
umask 077
acme='/^#acme/d'
if [ -n "${ACME_EMAIL:-}" ]; then
    acme='s/^#acme \{0,1\}//'
fi
sed -e "$acme" \
    -e "s|@ACME_EMAIL@|${ACME_EMAIL:-}|" \
    -e "s|@HTTP_PORT@|$HTTP_PORT|" \
    -e "s|@HTTPS_PORT@|$HTTPS_PORT|" \
    -e "s|@HOST_ADDRESS@|$HOST_ADDRESS|" \
    -e "s|@REDIS_ADDRESS@|$REDIS_ADDRESS|" \
    -e "s|@REDIS_PASSWORD@|$(cat /run/secrets/redis_traefik_password)|" \
    /etc/traefik-gateway/traefik.yml >/run/traefik/traefik.yml
exec traefik --configFile=/run/traefik/traefik.yml

#!/bin/sh
# Runs once, when PostgreSQL of the compose deployment makes its data directory: the control database and its owner, who is
# nobody on the tenants' databases.
set -eu
password=$(cat /run/secrets/database_password)
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set password="$password" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE gateway LOGIN PASSWORD :'password';
CREATE DATABASE gateway OWNER gateway;
REVOKE ALL ON DATABASE gateway FROM PUBLIC;
SQL

#!/bin/sh
# Makes the fleet of the demo: tenants of both tiers, one of them suspended.
set -eu
gatewayctl tenant create acme --company Acme --wait
gatewayctl tenant create globex --company Globex --tier dedicated --wait
gatewayctl tenant create initech --company Initech --wait
gatewayctl tenant create umbrella --company Umbrella --tier dedicated --wait
gatewayctl tenant create hooli --company Hooli --wait
gatewayctl tenant suspend hooli --wait

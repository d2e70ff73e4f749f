#!/usr/bin/env bash
# Makes every password and key of docker-compose.yml, each once: what is there already stays.
# Needs openssl and the concord command (`make setup`). Prints no secret.
#
# The folder is its owner's alone. Files that the images of others must read, under accounts that
# we do not choose, are readable once mounted; the hub's keys are not.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${1:-$project/deploy/secrets}
concord=${CONCORD:-$project/.venv/bin/concord}
umask 077
mkdir -p "$folder" "$project/deploy/onboarding" "$project/deploy/linkage"

random() { openssl rand -hex 32; }

# write NAME MODE: keeps standard input in a file, unless the file is there.
write() {
    if [ -e "$folder/$1" ]; then cat > /dev/null; return; fi
    cat > "$folder/$1"
    chmod "$2" "$folder/$1"
}

random | tr -d '\n' | write kafka_admin_password 0644
random | tr -d '\n' | write kafka_controller_password 0644
random | tr -d '\n' | write kafka_hub_password 0600
random | tr -d '\n' | write postgres_password 0644
random | tr -d '\n' | write opa_token 0600
random | tr -d '\n' | write bundle_token 0644
postgres=$(cat "$folder/postgres_password")
printf 'apicurio.datasource.password=%s\n' "$postgres" | write registry.properties 0644
printf 'postgresql+psycopg://concord:%s@postgres:5432/concord' "$postgres" | write database_url 0600
printf '{"token": "%s"}' "$(cat "$folder/opa_token")" | write opa_access.json 0644
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2> /dev/null | write bundle_key.pem 0600
openssl pkey -in "$folder/bundle_key.pem" -pubout | write bundle_public_key.pem 0644
CONCORD_KEYS_DIR="$folder/keys" "$concord" keys create > /dev/null

echo "Secrets are in $folder. Put these lines into .env:"
echo "CONCORD_UID=$(id -u)"
echo "CONCORD_GID=$(id -g)"

#!/bin/sh
# Generates the secrets of compose.yaml in docker/secrets, unless they exist.
set -eu
cd "$(dirname "$0")"

# Only the owner can enter the folder. The files in it must be readable for the containers' users.
mkdir -p secrets
chmod 700 secrets

random() {
    head -c "$1" /dev/urandom | od -An -tx1 | tr -d ' \n'
}

generate() {
    if [ ! -e "secrets/$1" ]; then
        printf '%s' "$2" >"secrets/.$1"
        chmod 444 "secrets/.$1"
        mv "secrets/.$1" "secrets/$1"
        echo "generated docker/secrets/$1"
    fi
}

generate postgres_password "$(random 24)"
generate database_url "postgres://storage_hub:$(cat secrets/postgres_password)@postgres:5432/storage_hub"
generate minio_root_password "$(random 24)"
generate garage_rpc_secret "$(random 32)"
generate garage_secret_key "$(random 32)"
generate jwt_secret "$(random 32)"
# If it is lost, every user needs new S3 keys: keep a copy in a safe place.
generate vault_key "$(random 32)"
generate admin_password "$(random 12)"

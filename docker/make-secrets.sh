#!/bin/sh
# Makes the secrets of compose.yaml, each that is not there yet, into docker/secrets.
set -eu
cd "$(dirname "$0")"

# Nobody else enters the folder; the files in it must be readable by the containers' users, who are other ones.
mkdir -p secrets
chmod 700 secrets

random() {
    head -c "$1" /dev/urandom | od -An -tx1 | tr -d ' \n'
}

make() {
    if [ ! -e "secrets/$1" ]; then
        printf '%s' "$2" >"secrets/.$1"
        chmod 444 "secrets/.$1"
        mv "secrets/.$1" "secrets/$1"
        echo "made docker/secrets/$1"
    fi
}

make postgres_password "$(random 24)"
make database_url "postgres://storage_hub:$(cat secrets/postgres_password)@postgres:5432/storage_hub"
make minio_root_password "$(random 24)"
make jwt_secret "$(random 32)"
# Lose it, and every user needs new S3 keys: keep a copy in a safe place.
make vault_key "$(random 32)"
make admin_password "$(random 12)"

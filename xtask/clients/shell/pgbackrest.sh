# Backs a PostgreSQL server up with pgBackRest and restores it: FOLDER PROGRAMS ADDRESS ACCESS SECRET BUCKET. The address
# is one with TLS, which pgBackRest requires, and PROGRAMS is the folder of initdb.
set -eu
folder=$1 programs=$2 host=${3%:*} port=${3#*:} access=$4 secret=$5 bucket=$6
cd "$folder"
cat > pgbackrest.conf <<END
[global]
repo1-type=s3
repo1-path=/repository
repo1-s3-bucket=$bucket
repo1-s3-endpoint=$host
repo1-storage-host=$host
repo1-storage-port=$port
repo1-storage-verify-tls=n
repo1-s3-region=us-east-1
repo1-s3-key=$access
repo1-s3-key-secret=$secret
repo1-s3-uri-style=path
repo1-retention-full=1
log-level-console=warn
log-level-file=off
log-path=$folder
lock-path=$folder/lock
spool-path=$folder
[main]
pg1-path=$folder/data
pg1-socket-path=$folder
pg1-user=postgres
END
backrest() { pgbackrest --config="$folder/pgbackrest.conf" --stanza=main "$@"; }
"$programs/initdb" --pgdata=data --username=postgres --auth=trust --no-sync >log
cat >> data/postgresql.conf <<END
listen_addresses = ''
unix_socket_directories = '$folder'
archive_mode = on
archive_command = 'pgbackrest --config=$folder/pgbackrest.conf --stanza=main archive-push %p'
END
trap '"$programs/pg_ctl" --pgdata=data --mode=immediate stop >>log || true' EXIT
"$programs/pg_ctl" --pgdata=data --wait --log=server.log start >>log
psql() { "$programs/psql" --host="$folder" --username=postgres --no-psqlrc --quiet --tuples-only --no-align "$@"; }
psql --command='CREATE TABLE numbers AS SELECT generate_series(1, 1000) AS number'
backrest stanza-create
backrest check
backrest --type=full backup
psql --command='INSERT INTO numbers SELECT generate_series(1001, 1100)'
backrest --type=diff backup
"$programs/pg_ctl" --pgdata=data --wait stop >>log
rm -rf data
backrest restore
"$programs/pg_ctl" --pgdata=data --wait --log=server.log start >>log
test "$(psql --command='SELECT count(*) FROM numbers')" = 1100
echo pgBackRest

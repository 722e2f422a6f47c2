# Replicates a SQLite database with litestream and restores it: FOLDER LITESTREAM PYTHON URL ACCESS SECRET BUCKET.
set -eu
folder=$1 litestream=$2 python=$3 url=$4 bucket=$7
export LITESTREAM_ACCESS_KEY_ID="$5" LITESTREAM_SECRET_ACCESS_KEY="$6"
cd "$folder"
cat > litestream.yml <<END
dbs:
  - path: $folder/database
    replica:
      type: s3
      bucket: $bucket
      path: replica
      endpoint: $url
      region: us-east-1
      force-path-style: true
      sync-interval: 100ms
END
"$python" -c "import sqlite3
database = sqlite3.connect('database')
database.execute('PRAGMA journal_mode = WAL')
database.execute('CREATE TABLE numbers (number)')
database.executemany('INSERT INTO numbers VALUES (?)', [(number,) for number in range(1000)])
database.commit()"
"$litestream" replicate -config litestream.yml -exec 'sleep 3' >log 2>&1 || { cat log; exit 1; }
"$litestream" restore -config litestream.yml -o restored "$folder/database" >>log 2>&1 || { cat log; exit 1; }
"$python" -c "import sqlite3
assert sqlite3.connect('restored').execute('SELECT count(*) FROM numbers').fetchone() == (1000,)"
echo litestream

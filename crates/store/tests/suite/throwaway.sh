# Runs a PostgreSQL server in a folder until standard input ends, then removes both.
# Usage: sh throwaway.sh PROGRAMS FOLDER PORT < PIPE
programs=$1
folder=$2
port=$3

# The server refuses to run as root.
as_user() {
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; fi
cd "$folder" || exit 1
as_user "$programs/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --no-sync \
    >"$folder/log" 2>&1
as_user "$programs/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w \
    -o "-h 127.0.0.1 -p $port -k $folder" start >>"$folder/log" 2>&1 </dev/null
cat >/dev/null
as_user "$programs/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1
cd / && rm -rf "$folder"

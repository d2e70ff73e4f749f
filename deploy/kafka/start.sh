#!/bin/sh
# Starts the Kafka node of server.properties. The first time it lays out the data folder and
# creates the administrator, whose password it reads from a file and never prints.
#
# Needs: KAFKA_LIBS (folder of jars), KAFKA_DATA_DIR, KAFKA_SECRETS_DIR with the files
# kafka_admin_password and kafka_controller_password, KAFKA_ADVERTISED_HOST.
# May be given: KAFKA_LISTEN_HOST, KAFKA_PORT, KAFKA_CONTROLLER_PORT, KAFKA_HEAP, JAVA.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
: "${KAFKA_LIBS:?}" "${KAFKA_SECRETS_DIR:?}"
export KAFKA_DATA_DIR="${KAFKA_DATA_DIR:?}" KAFKA_ADVERTISED_HOST="${KAFKA_ADVERTISED_HOST:?}"
export KAFKA_LISTEN_HOST="${KAFKA_LISTEN_HOST:-0.0.0.0}" KAFKA_PORT="${KAFKA_PORT:-9092}"
export KAFKA_CONTROLLER_PORT="${KAFKA_CONTROLLER_PORT:-9093}"
KAFKA_ADMIN_PASSWORD=$(cat "$KAFKA_SECRETS_DIR/kafka_admin_password")
KAFKA_CONTROLLER_PASSWORD=$(cat "$KAFKA_SECRETS_DIR/kafka_controller_password")
export KAFKA_ADMIN_PASSWORD KAFKA_CONTROLLER_PASSWORD

java=${JAVA:-java}
log="-Dlog4j2.configurationFile=$here/log4j2.yaml"
# Reading secrets from the environment is all that configuration may do by itself.
providers="-Dorg.apache.kafka.automatic.config.providers=org.apache.kafka.common.config.provider.EnvVarConfigProvider"

if [ ! -e "$KAFKA_DATA_DIR/meta.properties" ]; then
    cluster=$("$java" "$log" -cp "$KAFKA_LIBS/*" kafka.tools.StorageTool random-uuid | tail -n 1)
    "$java" -Xmx128m -XX:TieredStopAtLevel=1 "$log" "$providers" -cp "$KAFKA_LIBS/*" \
        kafka.tools.StorageTool format --standalone -t "$cluster" -c "$here/server.properties" \
        --add-scram "SCRAM-SHA-512=[name=admin,password=$KAFKA_ADMIN_PASSWORD]" > /dev/null
fi
# shellcheck disable=SC2086 # the heap is several options
exec "$java" ${KAFKA_HEAP:--Xms256m -Xmx1g} -XX:+UseSerialGC "$log" "$providers" \
    -cp "$KAFKA_LIBS/*" kafka.Kafka "$here/server.properties"

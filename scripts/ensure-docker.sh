#!/bin/sh
# Makes sure that a Docker daemon answers, and says nothing when one does.
#
# Uses the engine that is there: DOCKER_HOST, the current context, the default socket. Where there is none, and this is Debian
# or Ubuntu and we are root, installs docker.io and starts it. Everywhere else it says what to do.
set -eu

LOG=/var/log/imgbudget-dockerd.log

say() { printf '%s\n' "$*" >&2; }
give_up() {
    say "ensure-docker: $1"
    shift
    for line; do say "  $line"; done
    exit 1
}
# macOS has no timeout.
bounded() { if command -v timeout >/dev/null 2>&1; then timeout "$@"; else shift && "$@"; fi; }
answers() { command -v docker >/dev/null 2>&1 && bounded 20 docker version >/dev/null 2>&1; }

# Starts dockerd with these flags, and waits until it answers. 1: it ended by itself, so other flags may help.
start_daemon() {
    say "ensure-docker: starting dockerd${*:+ $*}"
    setsid dockerd "$@" >"$LOG" 2>&1 </dev/null &
    daemon=$!
    tries=0
    while [ $tries -lt 120 ]; do
        answers && return 0
        kill -0 "$daemon" 2>/dev/null || return 1
        tries=$((tries + 1))
        sleep 0.5
    done
    kill "$daemon" 2>/dev/null || true
    give_up "dockerd runs, but does not answer" "Its log is $LOG."
}

install_docker() {
    say "ensure-docker: installing docker.io"
    packages="docker.io iptables ca-certificates"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # From Debian 13 on the docker command is a package of its own.
    if apt-cache show docker-cli >/dev/null 2>&1; then packages="$packages docker-cli"; fi
    # shellcheck disable=SC2086 # a list of words
    apt-get install -y -qq --no-install-recommends $packages >/dev/null ||
        give_up "apt-get could not install docker.io" "Install Docker by hand: https://docs.docker.com/engine/install/"
}

answers && exit 0

if [ -n "${DOCKER_HOST:-}${DOCKER_CONTEXT:-}" ]; then
    command -v docker >/dev/null 2>&1 || give_up "the docker command is missing" "Install it to reach the engine that you chose."
    give_up "no engine answers at ${DOCKER_HOST:-the context $DOCKER_CONTEXT}" \
        "Start it, or unset DOCKER_HOST and DOCKER_CONTEXT to use the engine of this machine."
fi

# shellcheck source=/dev/null
distribution=$(if [ -r /etc/os-release ]; then . /etc/os-release && echo "${ID:-} ${ID_LIKE:-}"; else uname -s; fi)
case " $distribution " in
*" debian "* | *" ubuntu "*) ;;
*" Darwin "*) give_up "no engine answers" "Start Docker Desktop, OrbStack, Colima or Podman, then try again." ;;
*) give_up "no engine answers" "Install Docker (https://docs.docker.com/engine/install/) or Podman, start it, then try again." ;;
esac
if [ "$(id -u)" != 0 ]; then
    if [ -S /var/run/docker.sock ]; then
        give_up "you may not use /var/run/docker.sock" \
            "Try 'sudo usermod -aG docker $(id -un)' and log in again, or run this as root."
    fi
    give_up "no engine answers, and only root can install one" "Run 'sudo $0', or start an engine of your own."
fi

if ! command -v dockerd >/dev/null 2>&1 || ! command -v docker >/dev/null 2>&1; then install_docker; fi
answers && exit 0 # the package may have started it

if [ -d /run/systemd/system ]; then
    systemctl start docker && answers && exit 0
    give_up "docker.service does not start" "See 'journalctl -u docker'."
fi

if pidof dockerd >/dev/null 2>&1; then
    give_up "dockerd runs, but does not answer" "Look at its log, or stop it and try again."
fi
# dockerd --bridge=none deletes docker0. One that is there before us belongs to a daemon that we cannot see.
foreign_bridge=$(if [ -e /sys/class/net/docker0 ]; then echo yes; fi)

# No service manager: a container or a small VM. It may lack what dockerd takes for granted, so ask for less each time.
grep -q ' /sys/fs/cgroup' /proc/mounts || mount -t cgroup2 none /sys/fs/cgroup 2>/dev/null || true
start_daemon && exit 0
if [ -z "$foreign_bridge" ]; then
    start_daemon --iptables=false --bridge=none && exit 0
    start_daemon --iptables=false --bridge=none --storage-driver=vfs && exit 0
fi
say "ensure-docker: dockerd does not start; the end of $LOG:"
tail -n 15 "$LOG" >&2
give_up "no engine answers" "A container needs --privileged to run dockerd; or set DOCKER_HOST to an engine elsewhere."

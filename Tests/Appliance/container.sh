#!/usr/bin/env bash
# A Debian 12 with systemd as PID 1 in a container, with a network cable to pull; sourced by run-appliance.sh.
#
# Needs root. Its folder is JOBFAIR_APPLIANCE_DIR (.kiosk-vm): the base system is built there once (about a minute, with
# the runtime packages inside, because the container has no network but the cable) and unpacked anew for each run.

container_folder=${JOBFAIR_APPLIANCE_DIR:-$PWD/.kiosk-vm}
container_root=$container_folder/root
container_name=jfkiosk
container_host_address=10.99.0.1
container_address=10.99.0.2
container_leader=
container_process=

# systemd and what it needs, then exactly what README.md lists for an installed kiosk.
container_packages=(
    systemd systemd-sysv dbus libpam-systemd udev iproute2 procps curl ca-certificates sqlite3
    libsqlite3-0 libqrencode4 libpango-1.0-0 libpangocairo-1.0-0 libcairo2 libzip4 libexpat1 libxlsxwriter4 libstdc++6
    fonts-noto-cjk fonts-noto-core
)

# A changed list of packages asks for a new base.
container_base=$container_folder/base-$(cksum <<<"${container_packages[*]}" | cut -d ' ' -f 1).tar

container_prepare() {
    [ -f "$container_base" ] && return
    echo "Building the base system once (about a minute) ..."
    mkdir -p "$container_folder"
    rm -rf "$container_folder/base"
    if ! debootstrap --variant=minbase --include="$(IFS=, && echo "${container_packages[*]}")" bookworm \
        "$container_folder/base" >"$container_folder/debootstrap.log"; then
        tail -n 20 "$container_folder/debootstrap.log" >&2
        return 1
    fi
    rm -f "$container_folder"/base/var/cache/apt/archives/*.deb
    tar --numeric-owner -C "$container_folder/base" -cf "$container_base.part" .
    mv "$container_base.part" "$container_base"
    rm -rf "$container_folder/base"
}

container_unpack() {
    rm -rf "$container_root"
    mkdir -p "$container_root"
    tar --numeric-owner -C "$container_root" -xf "$container_base"
    # Nothing may wait for a clock or a resolver that is not there.
    echo kiosk >"$container_root/etc/hostname"
    : >"$container_root/etc/machine-id"
}

# Boots; the cable stays out until container_cable in.
container_start() {
    # Without the bpf call and capability, device policies and address filters would silently not be enforced.
    SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 setsid systemd-nspawn --quiet --machine=$container_name \
        --directory="$container_root" --boot --register=no --keep-unit --network-veth \
        --system-call-filter=bpf --capability=CAP_BPF </dev/null >>"$container_folder/console.log" 2>&1 &
    container_process=$!
    local tries
    for tries in $(seq 300); do
        container_leader=$(pgrep --parent "$container_process" | head -n 1 || true)
        if [ -n "$container_leader" ]; then
            case $(container_run systemctl is-system-running 2>/dev/null || true) in
                running | degraded) return ;;
            esac
        fi
        sleep 0.1
    done
    echo "the container did not start in 30 s ($tries tries); see $container_folder/console.log" >&2
    return 1
}

container_run() { nsenter --target "$container_leader" --all -- "$@"; }

container_cable() { # in | out
    if [ "$1" = out ]; then
        ip link set "ve-$container_name" down
        return
    fi
    ip address replace "$container_host_address/24" dev "ve-$container_name"
    ip link set "ve-$container_name" up
    container_run ip address replace "$container_address/24" dev host0
    container_run ip link set host0 up
}

container_stop() {
    [ -n "$container_process" ] || return 0
    container_run systemctl poweroff >/dev/null 2>&1 || true
    local _
    for _ in $(seq 200); do
        if ! kill -0 "$container_process" 2>/dev/null; then
            container_process=
            return 0
        fi
        sleep 0.1
    done
    kill -KILL "$container_leader" "$container_process" 2>/dev/null || true
    container_process=
}

# The process id, seen from outside, of a unit's main process.
container_main_process() { # unit
    local inside
    inside=$(container_run systemctl show --property=MainPID --value "$1")
    local process
    for process in $(pgrep --ns "$container_leader" --nslist pid .); do
        if [ "$(awk '/^NSpid:/ { print $NF }' "/proc/$process/status" 2>/dev/null)" = "$inside" ]; then
            echo "$process"
            return
        fi
    done
    return 1
}

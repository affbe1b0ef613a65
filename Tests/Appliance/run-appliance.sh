#!/usr/bin/env bash
# The installed kiosk in a Debian with systemd as PID 1: no network at boot, a network printer, a cable, a kill, a hang.
# Needs root. Every line it prints as `ok` was looked at; the first that is not ends the run with status 1.
#
#   BUILD=.build/release Tests/Appliance/run-appliance.sh      (make appliance builds and calls it)
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=Tests/Appliance/container.sh
. Tests/Appliance/container.sh

build=${BUILD:-.build/release}
exposure_max=1.2
work=$container_folder/run
headquarters_process=
printer_process=
fair=

ok() { printf 'ok    %s\n' "$*"; }
fail() {
    printf 'FALSE %s\n' "$*" >&2
    [ -z "$container_leader" ] || container_run journalctl --no-pager --lines=40 --unit=kioskd >&2 || true
    exit 1
}

clean_up() {
    trap '' INT TERM
    container_stop
    local process
    for process in $headquarters_process $printer_process; do
        kill -TERM "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
}

# Repeats a command until it succeeds; prints nothing.
within() { # seconds command...
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt "$end" ] || return 1
        sleep 0.2
    done
}

on_kiosk() { container_run "$@"; }
as_headquarters() { on_kiosk runuser --user jobfair-headquarters -- "$@"; }
unit_property() { on_kiosk systemctl show --property="$1" --value kioskd; }
kiosk_is_ready() { on_kiosk curl --silent --fail --max-time 2 http://127.0.0.1:7180/api/v1/status; }
kioskd_is_restarted() { [ "$(unit_property NRestarts)" -gt "$1" ] && kiosk_is_ready; }

watchdog_acted() { on_kiosk journalctl --no-pager --unit=kioskd | grep -q 'Watchdog timeout'; }

register() { # json-file answer-file -> status code
    on_kiosk curl --silent --max-time "${3:-10}" --output - --write-out '\n%{http_code}' \
        --header 'Content-Type: application/json' --data-binary "$(cat "$1")" \
        http://127.0.0.1:7180/api/v1/registrations >"$2" || true
    tail -n 1 "$2"
}

notice_version() { kiosk_is_ready | python3 -c 'import json, sys; print(json.load(sys.stdin)["notice"]["version"])'; }
make_seeker() { # file
    Tests/EndToEnd/make-registration.py --notice "$notice" --values "$work/values" >"$1"
}

registrations_at_headquarters() {
    curl --silent --fail "http://127.0.0.1:7281/api/v1/fairs/$fair/figures" \
        | python3 -c 'import json, sys; print(json.load(sys.stdin)["registrations"])'
}
headquarters_counts() { [ "$(registrations_at_headquarters)" = "$1" ]; }
slips_are() { [ "$(find "$work/slips" -name '*.escpos' | wc -l)" -ge "$1" ]; }

start_headquarters() {
    mkdir -p "$work/headquarters"
    chmod 700 "$work/headquarters"
    cat >"$work/headquarters.yaml" <<SETTINGS
stateFolder: $work/headquarters
sync:
  host: 0.0.0.0
  port: 7443
  names: [$container_host_address]
form:
  host: 127.0.0.1
  port: 7280
  address: HTTPS://FORM.JOBFAIR.EXAMPLE.CN
desk:
  host: 127.0.0.1
  port: 7281
SETTINGS
    head -c 24 /dev/urandom | base64 >"$work/passphrase"
    chmod 600 "$work/passphrase"
    "$build/headquartersd" keys backup --config "$work/headquarters.yaml" --passphrase-file "$work/passphrase" \
        --to "$work/keys.backup"
    fair=$("$build/headquartersd" fair create --config "$work/headquarters.yaml" --from kiosk-config/sample-fair.yaml \
        | grep -m 1 -Eo '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}') || fail "headquartersd fair create printed no id"
    "$build/headquartersd" serve --config "$work/headquarters.yaml" >"$work/headquartersd.log" 2>&1 </dev/null &
    headquarters_process=$!
    within 30 curl --silent --fail http://127.0.0.1:7281/ \
        || fail "headquarters does not answer: $work/headquartersd.log"
}

install_kiosk() {
    container_unpack
    make --silent install DESTDIR="$container_root" PREFIX=/usr BUILD="$build"
    cat >"$container_root/etc/jobfair-kiosk/kiosk.yaml" <<SETTINGS
label: 试验机
printer:
  kind: network
  host: $container_host_address
  port: 9100
  profile: 58mm
SETTINGS
    systemd-sysusers --root="$container_root"
    systemctl --root="$container_root" enable kioskd.service 2>/dev/null
}

# The first steps of "A new headquarters" in docs/operations.md, before headquartersd has ever run.
check_new_headquarters() {
    local state=/var/lib/jobfair-headquarters
    head -c 24 /dev/urandom | base64 \
        | as_headquarters sh -c "umask 077; cat >$state/passphrase" || fail "no passphrase can be written in $state"
    as_headquarters headquartersd keys backup --passphrase-file $state/passphrase --to $state/keys.backup >/dev/null \
        || fail "a new headquarters cannot make its keys"
    on_kiosk systemctl start headquartersd || fail "headquartersd does not start with new keys"
    as_headquarters headquartersd fair create --from /usr/share/jobfair-kiosk/sample-fair.yaml >/dev/null \
        || fail "a new headquarters cannot create a fair"
    on_kiosk systemctl stop headquartersd
    ok "a new headquarters: keys and backup before the first start, headquartersd starts, a fair is created"
}

check_live_exposure() {
    local line
    line=$(on_kiosk systemd-analyze security --no-pager kioskd.service | tail -n 1)
    awk -v max=$exposure_max '{ for (i = 1; i <= NF; i++) if ($i ~ /^[0-9.]+$/) exit !($i <= max) }' <<<"$line" \
        || fail "systemd-analyze security: $line"
    ok "live: ${line#→ }"
}

check_kill() {
    local restarts process repeat
    restarts=$(unit_property NRestarts)
    process=$(unit_property MainPID)
    on_kiosk kill -KILL "$process"
    within 15 kioskd_is_restarted "$restarts" || fail "kioskd does not come back after kill -9"
    [ "$(unit_property MainPID)" != "$process" ] || fail "kill -9 did not reach kioskd"
    ok "kill -9: kioskd came back"
    repeat=$(register "$work/first.json" "$work/first.repeat")
    [ "$repeat" = 201 ] || fail "the repeat after kill -9 was answered $repeat"
    cmp --silent "$work/first.answer" "$work/first.repeat" || fail "the repeat after kill -9 got another answer"
    ok "kill -9: the same request got the same answer"
}

# fdatasync never returns: only the watchdog can help. The tracer delays that one process; its successor is free.
check_hang() {
    local restarts tracer answer
    make_seeker "$work/hang.json"
    restarts=$(unit_property NRestarts)
    strace --follow-forks --quiet=all --trace=fdatasync,fsync --inject=fdatasync,fsync:delay_enter=60s \
        --attach="$(container_main_process kioskd)" --output=/dev/null &
    tracer=$!
    sleep 1
    answer=$(register "$work/hang.json" "$work/hang.answer" 3)
    [ "$answer" != 201 ] || fail "a registration was answered 201 while fdatasync hung"
    ok "hang: no success is shown while the disk hangs (answer: ${answer:-none})"
    within 50 watchdog_acted || fail "the watchdog did not act on a hanging writer within 50 s"
    # The tracer keeps what it delays from dying; with it goes the emulated hang, not the signal already sent.
    kill -KILL "$tracer" 2>/dev/null || true
    wait "$tracer" 2>/dev/null || true
    within 30 kioskd_is_restarted "$restarts" || fail "kioskd does not come back after the watchdog acted"
    ok "hang: $(on_kiosk journalctl --no-pager --unit=kioskd --output=cat | grep 'Watchdog timeout' | tail -n 1)"
    answer=$(register "$work/hang.json" "$work/hang.answer")
    [ "$answer" = 201 ] || fail "after the watchdog the same request was answered $answer"
    ok "hang: the same request succeeded afterwards"
}

check_no_personal_data() {
    on_kiosk journalctl --no-pager --output=export >"$work/journal.export"
    cp "$work/headquartersd.log" "$work/journal.headquarters"
    # Keys of the kiosk: each nowhere but in its own file.
    local keys=()
    mapfile -t keys < <(find "$container_root/var/lib/jobfair-kiosk/keys" -name '*.key' -printf '--key\n%p\n')
    [ ${#keys[@]} -gt 0 ] || fail "no key files were found on the kiosk"
    Tests/EndToEnd/find-canaries.py --values "$work/values" "${keys[@]}" "$container_root/var/lib/jobfair-kiosk" \
        "$container_root/var/log" "$container_root/tmp" "$container_root/var/tmp" "$work/journal.export" \
        "$work/journal.headquarters" "$work/slips" "/proc/$container_leader/root/run/jobfair-kiosk" \
        || fail "personal data or a key was found where it must not be"
    ok "no name, document, phone or key outside its place"
}

[ "$(id -u)" -eq 0 ] || { echo "run-appliance.sh needs root: it starts a container" >&2; exit 1; }
trap clean_up EXIT
trap 'exit 130' INT TERM
container_prepare
rm -rf "$work"
mkdir -p "$work/slips"
install_kiosk
ok "make install DESTDIR=... laid out the kiosk"
start_headquarters
Tests/EndToEnd/fake-printer.py 0.0.0.0 9100 "$work/slips" &
printer_process=$!

# First boot, in the office: enrolled over the cable.
container_start
container_cable in
within 20 kiosk_is_ready || fail "kioskd does not answer after the first boot"
code=$("$build/headquartersd" kiosk add --config "$work/headquarters.yaml" --label 试验机 --fair "$fair" \
    | grep -m 1 -Eo '[A-Z2-7]{5}(-[A-Z2-7]{5}){3}')
on_kiosk kioskctl enrol --address "https://$container_host_address:7443" --code "$code" || fail "kioskctl enrol"
within 30 on_kiosk kioskctl fair open --day "$(TZ=CST-8 date +%F)" || fail "kioskctl fair open"
ok "enrolled, fair opened"
notice=$(notice_version)
check_new_headquarters
container_stop

# Second boot, in the square: the cable is out.
container_start
within 20 kiosk_is_ready || fail "kioskd does not answer after a boot without network"
[ "$(unit_property ActiveState)" = active ] || fail "kioskd is $(unit_property ActiveState)"
ok "booted with the cable out: kioskd is active ($(on_kiosk systemctl is-system-running || true))"
make_seeker "$work/first.json"
status=$(register "$work/first.json" "$work/first.answer")
[ "$status" = 201 ] || fail "a registration without network was answered $status"
ok "registered without network and without a printer: 201"
check_live_exposure
headquarters_counts 0 || fail "headquarters counts something before the cable is in"

container_cable in
within 60 slips_are 1 || fail "no slip reached the printer"
slip=$(Tests/EndToEnd/read-slip.py "$(find "$work/slips" -name '*.escpos' | sort | head -n 1)") \
    || fail "the slip's code cannot be read"
case $slip in
    HTTPS://FORM.JOBFAIR.EXAMPLE.CN/I/*) ok "cable in: the slip was printed, zbarimg and ZXing read its code" ;;
    *) fail "the slip's code does not lead to the form" ;;
esac
within 330 headquarters_counts 1 || fail "headquarters does not count the registration"
ok "cable in: headquarters counts 1 registration"

check_kill
check_hang
within 330 headquarters_counts 2 || fail "headquarters does not count both registrations"
ok "headquarters counts both, each once"
check_no_personal_data
echo "appliance: all true"

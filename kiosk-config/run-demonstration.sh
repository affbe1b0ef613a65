#!/usr/bin/env bash
# `make run`: builds, then runs headquarters and one enrolled kiosk with the sample fair on loopback until Ctrl-C, or
# until its terminal is closed. Everything it makes lies in .run/; the next time goes on with that data. Asks nothing.
#
# For tests, all by environment: JOBFAIR_RUN_DIR (.run), JOBFAIR_KIOSK_PORT (7180), JOBFAIR_SYNC_PORT (7443),
# JOBFAIR_FORM_PORT (7280), JOBFAIR_DESK_PORT (7281), JOBFAIR_BUILD (a folder with the programs; skips building).
set -euo pipefail
cd "$(dirname "$0")/.."

kiosk_port=${JOBFAIR_KIOSK_PORT:-7180}
sync_port=${JOBFAIR_SYNC_PORT:-7443}
form_port=${JOBFAIR_FORM_PORT:-7280}
desk_port=${JOBFAIR_DESK_PORT:-7281}
run=$(realpath -m "${JOBFAIR_RUN_DIR:-.run}")
build=${JOBFAIR_BUILD:-}
export KIOSKCTL_SOCKET=$run/runtime/control.sock
start_seconds_max=60
clerk=clerk

say() { printf '\033[1m%s\033[0m\n' "$*"; }
fail() {
    echo "make run: $*" >&2
    exit 1
}

is_listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

check_ports() {
    local name port
    for name in KIOSK:$kiosk_port SYNC:$sync_port FORM:$form_port DESK:$desk_port; do
        port=${name#*:}
        if is_listening "$port"; then
            fail "port $port on 127.0.0.1 is in use: another \`make run\`? Stop it, or choose another port," \
                "for example JOBFAIR_${name%%:*}_PORT=$((port + 1000)) make run"
        fi
    done
}

write_settings() {
    mkdir -p "$run/log" "$run/slips" "$run/kiosk" "$run/headquarters" "$run/runtime" "$run/backups"
    chmod 700 "$run/kiosk" "$run/headquarters" "$run/runtime" "$run/backups"
    cat >"$run/kiosk.yaml" <<SETTINGS
# Written by make run each time; the settings of an installed kiosk are kiosk-config/kiosk.yaml.
label: 示例1号机
listen:
  host: 127.0.0.1
  port: $kiosk_port
stateFolder: $run/kiosk
runtimeFolder: $run/runtime
demonstration: true
printer:
  kind: folder
  path: $run/slips
  profile: 58mm
printerProfilesFolder: $PWD/kiosk-config/printers
fontsConfiguration: $PWD/kiosk-config/fonts.conf
SETTINGS
    cat >"$run/headquarters.yaml" <<SETTINGS
# Written by make run each time; the settings of an installed headquarters are kiosk-config/headquarters.yaml.
name: 示例总部
stateFolder: $run/headquarters
sync:
  host: 127.0.0.1
  port: $sync_port
  names: [localhost, 127.0.0.1]
form:
  host: 127.0.0.1
  port: $form_port
  address: HTTP://127.0.0.1:$form_port
desk:
  host: 127.0.0.1
  port: $desk_port
backup:
  folder: $run/backups
  keep: 2
  # A demonstration has one disk.
  sameDiskCounts: true
SETTINGS
}

kiosk_process=
headquarters_process=

# Both get the same signal that systemd sends, and all the time they need to finish what is under way.
stop_both() {
    trap '' INT TERM HUP
    local process
    for process in $kiosk_process $headquarters_process; do
        kill -TERM "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
}

on_interrupt() {
    # A closed terminal takes no more words; they must not keep the two from being stopped.
    echo || true
    say "Stopping the kiosk and headquarters ..." || true
    stop_both
    say "Both have stopped. \`make run\` goes on with the same data; \`rm -r $run\` starts afresh." || true
    exit 0
}

on_failure() {
    local status=$?
    [ "$status" -eq 0 ] || stop_both
}

# Waits until a port answers; shows the log's end where the program ended instead.
await() { # name process port log
    local waited=0
    until is_listening "$3"; do
        if ! kill -0 "$2" 2>/dev/null; then
            tail -n 15 "$4" >&2
            fail "$1 ended while starting; the whole log: $4"
        fi
        [ "$waited" -lt $((start_seconds_max * 10)) ] || fail "$1 did not answer in ${start_seconds_max} s; see $4"
        sleep 0.1
        waited=$((waited + 1))
    done
}

start() { # log program arguments...
    local log=$1
    shift
    # A session of its own: Ctrl-C reaches this script alone, which then stops both in order.
    setsid "$@" >>"$log" 2>&1 </dev/null &
}

enrol_kiosk() {
    local code
    say "Enrolling the kiosk at headquarters ..."
    code=$("$build/headquartersd" kiosk add --config "$run/headquarters.yaml" --label 示例1号机 \
        --fair "$(cat "$run/fair.created")" | grep -m 1 -Eo '[A-Z2-7]{5}(-[A-Z2-7]{5}){3}' || true)
    [ -n "$code" ] || fail "\`headquartersd kiosk add\` printed no code"
    "$build/kioskctl" enrol --address "https://127.0.0.1:$sync_port" --code "$code"
}

create_fair() {
    local printed fair
    say "Creating the sample fair ..."
    printed=$("$build/headquartersd" fair create --config "$run/headquarters.yaml" \
        --from kiosk-config/sample-fair.yaml)
    echo "$printed"
    fair=$(grep -m 1 -Eo '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' <<<"$printed" || true)
    [ -n "$fair" ] || fail "\`headquartersd fair create\` printed no id"
    echo "$fair" >"$run/fair.created"
}

# One clerk for the desk. A second run keeps it, and a password that was changed at the desk.
add_clerk() {
    local logins
    logins=$("$build/headquartersd" login list --config "$run/headquarters.yaml")
    if grep -q "^$clerk " <<<"$logins"; then return; fi
    say "Making the demonstration clerk's login ..."
    (umask 077 && head -c 12 /dev/urandom | base64 >"$run/desk-password")
    "$build/headquartersd" login add --config "$run/headquarters.yaml" --name "$clerk" --role clerk \
        --password-file "$run/desk-password" >/dev/null
}

# The days of the sample fair are Beijing days, the first of them the day on which it was created.
open_fair() {
    local tries=0 today
    today=$(TZ=CST-8 date +%F)
    if [ -e "$run/fair.opened" ]; then
        # Some later day: go to it if the fair has it, else stay on the stored day.
        "$build/kioskctl" fair day --day "$today" >"$run/log/fair.log" 2>&1 \
            || "$build/kioskctl" fair day >"$run/log/fair.log" 2>&1 \
            || echo "The day of the fair could not be confirmed; see $run/log/fair.log"
        return
    fi
    # Right after enrolment catalogue and grant are still on their way from headquarters.
    until "$build/kioskctl" fair open --day "$today" >"$run/log/fair.log" 2>&1; do
        tries=$((tries + 1))
        if [ "$tries" -ge 60 ]; then
            cat "$run/log/fair.log" >&2
            fail "the fair could not be opened"
        fi
        sleep 0.5
    done
    touch "$run/fair.opened"
}

check_ports
if [ -z "$build" ]; then
    say "Building (the first time takes about eight minutes) ..."
    swift build
    build=$(swift build --show-bin-path)
fi
trap on_failure EXIT
trap on_interrupt INT TERM HUP
write_settings

if [ ! -e "$run/headquarters/backup.done" ]; then
    say "Making headquarters' keys, and their backup ..."
    (umask 077 && head -c 24 /dev/urandom | base64 >"$run/passphrase")
    "$build/headquartersd" keys backup --config "$run/headquarters.yaml" --passphrase-file "$run/passphrase" \
        --to "$run/keys.backup"
fi
[ -e "$run/fair.created" ] || create_fair
add_clerk

start "$run/log/headquartersd.log" "$build/headquartersd" serve --config "$run/headquarters.yaml"
headquarters_process=$!
await headquartersd "$headquarters_process" "$desk_port" "$run/log/headquartersd.log"
await headquartersd "$headquarters_process" "$sync_port" "$run/log/headquartersd.log"
start "$run/log/kioskd.log" "$build/kioskd" --config "$run/kiosk.yaml"
kiosk_process=$!
await kioskd "$kiosk_process" "$kiosk_port" "$run/log/kioskd.log"

[ -e "$run/kiosk/enrolment/statement.pb" ] || enrol_kiosk
open_fair

say "Ready."
cat <<PLACES
  the kiosk's page        http://127.0.0.1:$kiosk_port/
  the folder of slips     $run/slips
  headquarters' figures   http://127.0.0.1:$desk_port/
  the desk                http://127.0.0.1:$desk_port/desk
                          name $clerk, the first password is in $run/desk-password
  logs                    $run/log
Ctrl-C stops both.
PLACES

ended=0
wait -n "$headquarters_process" "$kiosk_process" || ended=$?
tail -n 15 "$run/log/headquartersd.log" "$run/log/kioskd.log" >&2
fail "one of the two programs ended by itself (status $ended); the ends of their logs are above"

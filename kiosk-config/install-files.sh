#!/usr/bin/env bash
# Lays out an installation: programs, one copy of the Swift runtime, settings, units. Called by `make install`.
#
#   install-files.sh BUILD_FOLDER DESTDIR PREFIX
set -euo pipefail

build=${1:?folder of the built programs}
root=${2?DESTDIR, may be empty}
prefix=${3:-/usr}
here=$(cd "$(dirname "$0")/.." && pwd)
programs=(kioskd kioskctl headquartersd)
library=$prefix/lib/jobfair-kiosk
share=$prefix/share/jobfair-kiosk

fail() {
    echo "make install: $*" >&2
    exit 1
}

for program in "${programs[@]}"; do
    [ -x "$build/$program" ] || fail "$build/$program is missing; build it with \`make release\`"
done
for tool in chrpath readelf strip; do
    command -v "$tool" >/dev/null || fail "$tool is missing; \`make packages-install\` installs it"
done

needed() { readelf --dynamic "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }

# The toolchain's folder of runtime libraries is the first absolute entry of the search path the linker wrote.
runtime=$(readelf --dynamic "$build/kioskd" | sed -n 's/.*R.*PATH).*\[\(.*\)\]/\1/p' | tr ':' '\n' \
    | grep -m 1 '^/' || true)
[ -f "$runtime/libswiftCore.so" ] || fail "the Swift runtime was not found (looked in '$runtime')"

# Programs and runtime lie side by side, so that $ORIGIN is the only search path anybody needs.
install -d "$root$library" "$root$prefix/bin" "$root$prefix/sbin"
for program in "${programs[@]}"; do
    install -m 755 "$build/$program" "$root$library/$program.new"
    strip "$root$library/$program.new"
    # shellcheck disable=SC2016 # the loader expands $ORIGIN, not the shell
    chrpath --replace '$ORIGIN' "$root$library/$program.new" >/dev/null
    mv "$root$library/$program.new" "$root$library/$program"
done
ln -sfn ../lib/jobfair-kiosk/kioskctl "$root$prefix/bin/kioskctl"
ln -sfn ../lib/jobfair-kiosk/headquartersd "$root$prefix/sbin/headquartersd"

declare -A shipped=()
waiting=()
for program in "${programs[@]}"; do mapfile -t -O "${#waiting[@]}" waiting < <(needed "$build/$program"); done
while [ ${#waiting[@]} -gt 0 ]; do
    name=${waiting[0]}
    waiting=("${waiting[@]:1}")
    if [ -n "${shipped[$name]:-}" ] || [ ! -f "$runtime/$name" ]; then continue; fi
    shipped[$name]=1
    install -m 644 "$runtime/$name" "$root$library/$name.new"
    strip --strip-debug "$root$library/$name.new"
    mv "$root$library/$name.new" "$root$library/$name"
    mapfile -t -O "${#waiting[@]}" waiting < <(needed "$runtime/$name")
done
echo "Swift runtime: ${#shipped[@]} libraries, once, in $library"

# Settings of the technician are never overwritten.
install -d "$root/etc/jobfair-kiosk"
for settings in kiosk.yaml headquarters.yaml; do
    target=$root/etc/jobfair-kiosk/$settings
    if [ -e "$target" ]; then target=$root$share/$settings.example; fi
    install -D -m 644 "$here/kiosk-config/$settings" "$target"
done

install -d "$root$share/printers"
install -m 644 "$here"/kiosk-config/printers/*.yaml "$root$share/printers/"
install -m 644 "$here/kiosk-config/sample-fair.yaml" "$root$share/"
install -m 644 "$here/kiosk-config/fonts.conf" "$root$share/"
install -d "$root$prefix/share/doc/jobfair-kiosk"
install -m 644 "$here"/{README.md,ARCHITECTURE.md,CHANGELOG.md,LICENSE} "$here"/docs/*.md \
    "$root$prefix/share/doc/jobfair-kiosk/"

for unit in kioskd headquartersd; do
    install -d "$root$prefix/lib/systemd/system"
    sed "s|/usr/lib/jobfair-kiosk/|$library/|; s|/usr/share/doc/|$prefix/share/doc/|" "$here/systemd/$unit.service" \
        >"$root$prefix/lib/systemd/system/$unit.service"
    chmod 644 "$root$prefix/lib/systemd/system/$unit.service"
done
install -D -m 644 "$here/systemd/jobfair-kiosk.sysusers" "$root$prefix/lib/sysusers.d/jobfair-kiosk.conf"
install -D -m 644 "$here/systemd/jobfair-kiosk.tmpfiles" "$root$prefix/lib/tmpfiles.d/jobfair-kiosk.conf"
install -D -m 644 "$here/systemd/jobfair-kiosk.modules" "$root$prefix/lib/modules-load.d/jobfair-kiosk.conf"
install -D -m 644 "$here/kiosk-config/udev/70-jobfair-kiosk.rules" \
    "$root$prefix/lib/udev/rules.d/70-jobfair-kiosk.rules"
install -D -m 644 "$here/kiosk-config/udev/71-jobfair-stick.rules" \
    "$root$prefix/lib/udev/rules.d/71-jobfair-stick.rules"

if [ -z "$root" ]; then
    echo "Next, as root: systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload"
    echo "On a kiosk: systemctl enable --now kioskd.    At headquarters: systemctl enable --now headquartersd."
fi

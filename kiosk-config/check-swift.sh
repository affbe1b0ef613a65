#!/usr/bin/env bash
# Says clearly when the one prerequisite, Swift 6.3, is missing or too old.
set -euo pipefail

if ! command -v swift >/dev/null; then
    echo "Swift is not installed. Swift 6.3 or newer is the one thing this project needs beforehand:" >&2
    echo "  https://www.swift.org/install/linux/   (then open a new terminal, so that \`swift --version\` answers)" >&2
    exit 1
fi
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
if [ "$(printf '%s\n6.3\n' "${version:-0.0}" | sort -V | head -n 1)" != 6.3 ]; then
    echo "Swift ${version:-of unknown version} is installed; this project needs Swift 6.3 or newer." >&2
    exit 1
fi

# Everything a developer or a technician builds with; `make help` lists it. README.md has the same table.

SHELL := /bin/bash
.DEFAULT_GOAL := help

DESTDIR ?=
PREFIX ?= /usr
# What `make install` installs: the release build, or any folder with the three programs.
BUILD ?= .build/release
# What the end-to-end targets run.
PROGRAMS ?= .build/debug

# Debian packages, by what needs them. Swift 6.3 is the one thing that must be there before.
PACKAGES_RUN := libsqlite3-dev libqrencode-dev libpango1.0-dev libzip-dev libexpat1-dev libxlsxwriter-dev zlib1g-dev pkgconf \
    fonts-noto-cjk fonts-noto-core
PACKAGES_TEST := $(PACKAGES_RUN) zbar-tools zxing-cpp-tools sqlite3
PACKAGES_LINT := shellcheck systemd python3
PACKAGES_INSTALL := $(PACKAGES_RUN) chrpath binutils
PACKAGES_END_TO_END := $(PACKAGES_TEST) python3 strace libfaketime openssl
PACKAGES_FAULTS := $(PACKAGES_END_TO_END) e2fsprogs mount
PACKAGES_OPENAPI := $(PACKAGES_END_TO_END) python3-venv
PACKAGES_INTENTS := $(PACKAGES_END_TO_END) python3-openpyxl
PACKAGES_IMPORT_FIGURES := $(PACKAGES_RUN) python3-openpyxl python3-xlsxwriter
PACKAGES_BROWSER := $(PACKAGES_END_TO_END) chromium chromium-driver
PACKAGES_APPLIANCE := $(PACKAGES_INSTALL) python3 curl strace zbar-tools zxing-cpp-tools systemd-container debootstrap iproute2 procps

INSTALL_PACKAGES := kiosk-config/install-packages.sh
# From PyPI, at the versions of Tests/EndToEnd/openapi-requirements.txt.
SCHEMATHESIS := .run/schemathesis/bin/schemathesis
SWIFT_SOURCES = Package.swift $(shell find Sources Tests -name '*.swift' ! -name '*.pb.swift')
SHELL_SCRIPTS = .ci/run $(shell find kiosk-config Tests -name '*.sh')
PYTHON_SCRIPTS = $(shell find Tests Benchmarks -name '*.py')
# Swift's own crash reports hold memory, and hang some tests for minutes.
export SWIFT_BACKTRACE ?= enable=no

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | column -t -s '|'

.PHONY: run
run: swift packages ## kiosk and headquarters on loopback, with a sample fair
	@kiosk-config/run-demonstration.sh

.PHONY: test
test: swift packages-test ## all tests
	swift build --build-tests
	swift test --skip-build

.PHONY: build
build: swift packages ## the three programs, debug
	swift build

.PHONY: release
release: swift packages ## the three programs, optimised
	swift build -c release --product kioskd
	swift build -c release --product kioskctl
	swift build -c release --product headquartersd

.PHONY: install
install: packages-install ## programs, runtime, units and settings to DESTDIR= PREFIX=/usr (after make release)
	@kiosk-config/install-files.sh "$(BUILD)" "$(DESTDIR)" "$(PREFIX)"

.PHONY: lint
lint: swift packages-lint ## formatting, shell and Python scripts, units
	swift format lint --strict --parallel $(SWIFT_SOURCES)
	shellcheck $(SHELL_SCRIPTS)
	python3 -m py_compile $(PYTHON_SCRIPTS)
	systemd-analyze security --offline=true --threshold=12 --no-pager systemd/kioskd.service | tail -n 1; exit $${PIPESTATUS[0]}
	systemd-analyze security --offline=true --threshold=12 --no-pager systemd/headquartersd.service | tail -n 1; exit $${PIPESTATUS[0]}

.PHONY: format
format: swift ## mends what lint says about formatting
	swift format --in-place --parallel $(SWIFT_SOURCES)

.PHONY: proto
proto: swift ## generates jobfair.pb.swift from jobfair.proto
	@$(INSTALL_PACKAGES) protobuf-compiler
	swift build --product protoc-gen-swift
	protoc --plugin=protoc-gen-swift=.build/debug/protoc-gen-swift --swift_opt=Visibility=Public \
	    --swift_opt=UseAccessLevelOnImports=true --swift_out=Sources/Shared/SyncProtocol/Wire \
	    -I Sources/Shared/SyncProtocol/Wire jobfair.proto

.PHONY: end-to-end
end-to-end: build packages-end-to-end ## one seeker's whole way to the figures, and a short rehearsal
	Tests/EndToEnd/test-find-canaries.py
	Tests/EndToEnd/test-compare-rehearsal.py
	Tests/EndToEnd/test-testbed.py
	Tests/EndToEnd/close-the-terminal.py --programs $(PROGRAMS) --work .run/terminal
	Tests/EndToEnd/register-to-figures.py --programs $(PROGRAMS) --work .run/end-to-end
	Tests/EndToEnd/state-intents-offline.py --programs $(PROGRAMS) --work .run/intents
	Tests/EndToEnd/rehearse-under-faults.py --programs $(PROGRAMS) --work .run/rehearsal-short --seekers 300

.PHONY: faults
faults: build packages-faults ## the fault list, quick: kills, power cuts, disks, sticks, clocks, roads (root for some)
	swift build --build-tests
	Tests/Faults/test-tamper-proxy.py
	Tests/Faults/run-faults.py --set quick --programs $(PROGRAMS) --work .run/faults

# No row depends on what the disk itself does: a folder in memory (/dev/shm) is as good, and faster.
FAULTS_WORK ?= .run/faults-nightly

.PHONY: faults-nightly
faults-nightly: packages-faults ## the fault list with large counts on the release build; goes on where it was stopped
	$(MAKE) release
	swift build -c release --product fault-disk
	swift build --build-tests
	Tests/Faults/run-faults.py --set nightly --programs .build/release --work $(FAULTS_WORK)

.PHONY: rehearsal
rehearsal: build packages-end-to-end ## 1,000 seekers on two kiosks while everything is killed; then with wrong clocks
	Tests/EndToEnd/rehearse-under-faults.py --programs $(PROGRAMS) --work .run/rehearsal
	Tests/EndToEnd/rehearse-under-faults.py --programs $(PROGRAMS) --work .run/rehearsal-clocks --clock broken

.PHONY: drill
drill: build packages-end-to-end ## headquarters' machine is lost and restored from backup and key file, with its minutes
	Tests/EndToEnd/restore-headquarters.py --programs $(PROGRAMS) --work .run/drill

.PHONY: bad-input
bad-input: build packages-end-to-end ## everything that must not get in, with golden answers; power cut, full disk, lost /run (root)
	Tests/EndToEnd/refuse-bad-input.py --programs $(PROGRAMS) --work .run/bad-input

.PHONY: canaries
canaries: build packages-end-to-end ## personal data and keys are nowhere but where they belong
	Tests/EndToEnd/test-find-canaries.py
	Tests/EndToEnd/check-canaries.py --programs $(PROGRAMS) --work .run/canaries

.PHONY: intents
intents: build packages-intents ## intents without a network, a power cut, and the employer's list and exports afterwards
	Tests/EndToEnd/intents-offline.py --programs $(PROGRAMS) --work .run/intents

.PHONY: sticks
sticks: build packages-faults ## a dead kiosk's records from its stick; export, import, receipts and a fair by stick (root; else MOUNTS=--without-mounts)
	Tests/EndToEnd/bring-home-by-stick.py --programs $(PROGRAMS) --work .run/sticks $(MOUNTS)

.PHONY: openapi
openapi: build packages-openapi $(SCHEMATHESIS) ## both programs against docs/openapi.yaml, by schemathesis (from PyPI)
	Tests/EndToEnd/check-openapi.py --programs $(PROGRAMS) --work .run/openapi --schemathesis $(SCHEMATHESIS)

$(SCHEMATHESIS): Tests/EndToEnd/openapi-requirements.txt | packages-openapi
	rm -rf .run/schemathesis
	/usr/bin/python3 -m venv .run/schemathesis
	.run/schemathesis/bin/pip install --quiet --disable-pip-version-check --no-deps --requirement $< || \
	    { rm -rf .run/schemathesis; echo "make openapi: schemathesis could not be installed from PyPI" >&2; exit 1; }
	touch $@

.PHONY: mutants
DIR ?= Tests/Mutants
mutants: swift packages-test ## 25 deliberate mistakes, each of which a test has to notice; DIR= for others' patches
	Tests/Mutants/run-mutants.py --dir $(DIR) --work .run/mutants

.PHONY: browser
browser: build packages-browser ## people at the page, in headless Chromium, on three screens
	Tests/EndToEnd/register-in-browser.py --programs $(PROGRAMS) --work .run/browser

.PHONY: matching-figures
matching-figures: swift packages-test ## how long matching and searching take with 20,000 and 100,000 vacancies
	MATCHING_FIGURES=1 swift test -c release -Xswiftc -enable-testing --scratch-path .build-figures --filter MatchingFigures

.PHONY: import-figures
import-figures: packages-import-figures ## seconds and memory of importing 20,000 vacancies, beside Python on the same files
	[ -x "$(BUILD)/headquartersd" ] || $(MAKE) release
	Benchmarks/import-figures.py --programs "$(BUILD)" --work .run/import-figures

.PHONY: appliance
appliance: packages-appliance ## the installed kiosk in a container with systemd as PID 1 (root)
	[ -x "$(BUILD)/kioskd" ] || $(MAKE) release
	BUILD="$(BUILD)" Tests/Appliance/run-appliance.sh

.PHONY: clean
clean: ## removes builds, demonstration data and the container
	swift package clean
	rm -rf .run .kiosk-vm

.PHONY: packages packages-test packages-lint packages-install packages-end-to-end packages-browser packages-appliance \
    packages-faults packages-intents packages-openapi packages-import-figures
packages: ## the Debian packages that building and running need
	@$(INSTALL_PACKAGES) $(PACKAGES_RUN)
packages-test:
	@$(INSTALL_PACKAGES) $(PACKAGES_TEST)
packages-lint:
	@$(INSTALL_PACKAGES) $(PACKAGES_LINT)
packages-install:
	@$(INSTALL_PACKAGES) $(PACKAGES_INSTALL)
packages-end-to-end:
	@$(INSTALL_PACKAGES) $(PACKAGES_END_TO_END)
packages-faults:
	@$(INSTALL_PACKAGES) $(PACKAGES_FAULTS)
packages-intents:
	@$(INSTALL_PACKAGES) $(PACKAGES_INTENTS)
packages-openapi:
	@$(INSTALL_PACKAGES) $(PACKAGES_OPENAPI)
packages-import-figures:
	@$(INSTALL_PACKAGES) $(PACKAGES_IMPORT_FIGURES)
packages-browser:
	@$(INSTALL_PACKAGES) $(PACKAGES_BROWSER)
packages-appliance:
	@$(INSTALL_PACKAGES) $(PACKAGES_APPLIANCE)

.PHONY: swift
swift:
	@kiosk-config/check-swift.sh

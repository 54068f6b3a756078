# Shared by the scripts beside it; sourced, never run.
# shellcheck shell=bash

# shellcheck disable=SC2034
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
minimum_swift=6.3

# What compiling and linking viv needs from Debian or Ubuntu, the Swift toolchain apart.
# g++ stands for libc6-dev and the libstdc++ headers of the release, which the C and C++ targets need.
# shellcheck disable=SC2034
build_packages=(ca-certificates git g++ libbpf-dev libncurses-dev libunwind-dev)

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $*"; exit 1; }

# Runs a command as root: directly, or through sudo where there is one.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif [ -t 0 ]; then sudo "$@"
    else sudo -n "$@"
    fi
}

is_installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
        install -y --no-install-recommends "$@" </dev/null >&2
}

# need_packages PURPOSE PACKAGE...: installs those that are missing, and says so first.
need_packages() {
    local purpose=$1 missing=() package
    shift
    command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
        fail "$purpose needs Debian or Ubuntu with apt; elsewhere install the like of: $*"
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        fail "$purpose needs these Debian packages: ${missing[*]}
Neither root nor sudo is at hand. As root, run:
    apt-get install ${missing[*]}"
    fi
    say "Installing Debian packages for $purpose: ${missing[*]}"
    local refreshed=no
    # A fresh image has no package lists at all; an old one has lists whose versions are gone from the mirror.
    if ! apt-cache show --no-all-versions "${missing[@]}" >/dev/null 2>&1; then
        refreshed=yes
        as_root apt-get -o DPkg::Lock::Timeout=300 update </dev/null >&2 || say "warning: apt-get update failed"
    fi
    apt_install "${missing[@]}" && return 0
    if [ "$refreshed" = no ]; then
        say "Refreshing the package lists and trying again"
        as_root apt-get -o DPkg::Lock::Timeout=300 update </dev/null >&2 && apt_install "${missing[@]}" && return 0
    fi
    fail "could not install: ${missing[*]} (apt's own message is above)"
}

# at_least VERSION MINIMUM: whether a dotted version is not older than another.
at_least() {
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# swift_version BINARY: "6.3.1", or nothing where it does not run.
swift_version() {
    (cd / && "$1" --version 2>/dev/null </dev/null) | sed -nE 's/.*Swift version ([0-9]+(\.[0-9]+)*).*/\1/p' | head -n 1
}

# Puts a new enough Swift first in PATH, from PATH itself or the places where its installers put it.
need_swift() {
    local candidate version seen=""
    for candidate in \
        "$(command -v swift 2>/dev/null)" \
        "${SWIFTLY_BIN_DIR:-$HOME/.local/share/swiftly/bin}/swift" \
        "$HOME"/.local/share/swiftly/toolchains/*/usr/bin/swift \
        /opt/swift/usr/bin/swift /opt/swift-*/usr/bin/swift /usr/libexec/swift/*/bin/swift; do
        [ -n "$candidate" ] && [ -x "$candidate" ] || continue
        version=$(swift_version "$candidate") || version=""
        if [ -z "$version" ]; then
            seen+=$'\n'"    found: $candidate, which does not run (see: $candidate --version)"
        elif at_least "$version" "$minimum_swift"; then
            PATH=$(dirname "$candidate"):$PATH
            export PATH
            return 0
        else
            seen+=$'\n'"    found: $candidate, version $version, too old"
        fi
    done
    fail "viv is built with Swift $minimum_swift or newer.$seen
The official ways to get it:
    https://www.swift.org/install/linux/     (swiftly, the toolchain installer, or a tarball for Debian and Ubuntu)
    curl -O https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz && \\
        tar zxf swiftly-$(uname -m).tar.gz && ./swiftly init
    swiftly install latest                   (where swiftly is there already)
A tarball unpacked to /opt/swift is found as well. Then run this command again."
}

# Builds viv for release and sets `release_viv` to it. Swift's libraries go into the file where the toolchain has their
# archives: it starts ten milliseconds sooner and takes a quarter less memory.
build_release() {
    local resources options=(--package-path "$root" -c release --product viv)
    resources=$(swift -print-target-info | sed -nE 's/.*"runtimeResourcePath": "(.*)".*/\1/p')
    if [ -d "${resources}_static/linux" ]; then options+=(--static-swift-stdlib); fi
    # The build's own lines go to stderr: stdout belongs to viv (scripts/run ps --json | …).
    swift build "${options[@]}" >&2
    # shellcheck disable=SC2034
    release_viv=$(swift build "${options[@]}" --show-bin-path)/viv
}

# Makes .venv, the private environment of the tests and measurements; again when the list of its packages changes.
need_python_packages() {
    local requirements=$root/Tests/Scenarios/requirements.txt
    need_packages "the private Python environment" python3 python3-venv
    cmp -s "$requirements" "$root/.venv/requirements.txt" && return 0
    say "Making the private Python environment .venv"
    rm -rf "$root/.venv"
    /usr/bin/python3 -m venv "$root/.venv"
    "$root/.venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements" </dev/null >&2
    # Objects of numpy are laid out anew since 2.0: programs that the tests look at take one or the other.
    local major
    for major in 1 2; do
        "$root/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --target "$root/.venv/numpy-$major" \
            "numpy==$major.*" </dev/null >&2 || say "warning: tested without numpy $major"
    done
    cp "$requirements" "$root/.venv/requirements.txt"
}

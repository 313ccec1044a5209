# Sourced by ./fablab: checks what must be installed, and installs it through apt where that is allowed.

need_sdk() {
    if [ "$(uname -s)" != Linux ]; then
        fail "this is $(uname -s). FabLab runs on Linux (x64 or arm64): it needs Mosquitto's library and Linux serial lines."
    fi
    command -v dotnet >/dev/null 2>&1 ||
        fail "the .NET 10 SDK is missing. Debian or Ubuntu: install the package dotnet-sdk-10.0 (Debian: after adding Microsoft's package source, see docs/operations.md), then run this again."
    # --list-sdks is fast and, unlike --version, does not depend on the folder we are in.
    if ! dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
        fail "dotnet is installed, but not the .NET 10 SDK (found: $(dotnet --list-sdks 2>/dev/null | cut -d' ' -f1 | tr '\n' ' ')). Install the package dotnet-sdk-10.0, then run this again."
    fi
}

has_library() {
    # ldconfig is in /sbin, which is not on an ordinary user's path on Debian.
    PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null | grep -q "[[:space:]]$1"
}

distribution() { (. /etc/os-release 2>/dev/null && printf '%s' "${ID-} ${ID_LIKE-}") || true; }

# icu carries its version in its package's name; take the one that this distribution has.
icu_package() {
    apt-cache --names-only search '^libicu[0-9]+$' 2>/dev/null | cut -d' ' -f1 | sort -V | tail -n 1 | grep . || echo libicu-dev
}

# need_packages build|run|test: what it takes to build, to run a lab, to run all tests.
need_packages() {
    missing=
    optional=
    want() { missing="$missing $1"; }

    has_library libicuuc.so || want "$(icu_package)"
    has_library libssl.so || want openssl
    if [ -f "$root/package-lock.json" ] && ! web_packages_fresh; then
        command -v node >/dev/null 2>&1 || want nodejs
        command -v npm >/dev/null 2>&1 || want npm
    fi
    if [ "$1" != build ]; then
        command -v mosquitto >/dev/null 2>&1 || [ -x /usr/sbin/mosquitto ] || want mosquitto
        has_library libmosquitto.so.1 || want libmosquitto1
    fi
    if [ "$1" = test ]; then
        command -v socat >/dev/null 2>&1 || want socat
        command -v mosquitto_pub >/dev/null 2>&1 || want mosquitto-clients
        # Ubuntu has Chromium as a snap only, which a container cannot run: there the browser tests
        # say that they are skipped, unless CI=true asks for all.
        if ! has_browser; then
            case $(distribution) in
                *ubuntu*) optional="$optional chromium-browser" ;;
                *) optional="$optional chromium" ;;
            esac
        fi
        has_postgres || optional="$optional postgresql"
    fi

    [ -n "$missing$optional" ] || return 0
    install_packages $missing $optional || true

    still=
    for package in $missing; do package_works "$package" || still="$still $package"; done
    absent=
    for package in $optional; do package_works "$package" || absent="$absent $package"; done
    if [ -n "$absent" ]; then
        if [ "${CI-}" = true ]; then
            still="$still$absent"
        else
            say "not installed:$absent (the tests that need it are skipped and counted; sudo apt-get install$absent)"
        fi
    fi
    [ -z "$still" ] || fail "please install, then run this again: sudo apt-get install$still"
}

has_browser() {
    for browser in chromium chromium-browser google-chrome google-chrome-stable; do
        if command -v "$browser" >/dev/null 2>&1; then return 0; fi
    done
    return 1
}

has_postgres() {
    command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}

package_works() {
    case $1 in
        mosquitto) command -v mosquitto >/dev/null 2>&1 || [ -x /usr/sbin/mosquitto ] ;;
        libmosquitto1) has_library libmosquitto.so.1 ;;
        libicu*) has_library libicuuc.so ;;
        openssl) has_library libssl.so ;;
        mosquitto-clients) command -v mosquitto_pub >/dev/null 2>&1 ;;
        nodejs) command -v node >/dev/null 2>&1 ;;
        chromium*) has_browser ;;
        postgresql) has_postgres ;;
        *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

install_packages() {
    command -v apt-get >/dev/null 2>&1 || return 1
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        return 1
    fi
    say "installing Debian packages: $*"
    # Debian starts a service as soon as its package is there: mosquitto would take port 1883, postgresql 5432.
    # policy-rc.d is Debian's own way to forbid that; ours goes away again, one that was there stays.
    policy=/usr/sbin/policy-rc.d
    ours=
    if [ ! -e "$policy" ]; then
        ours=yes
        # shellcheck disable=SC2086 # as_root is a command with its option, or nothing
        printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null && $as_root chmod 755 "$policy"
        trap 'remove_policy' EXIT
        trap 'exit 130' INT TERM
    fi
    log=$artifacts/apt.log
    mkdir -p "$artifacts"
    result=0
    {
        $as_root apt-get update -qq
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
    } >"$log" 2>&1 </dev/null || result=$?
    if [ -n "$ours" ]; then
        remove_policy
        trap - EXIT INT TERM
    fi
    [ "$result" = 0 ] || { say "apt could not install everything; its last words:"; tail -n 4 "$log" >&2; }
    return "$result"
}

remove_policy() { $as_root rm -f -- "$policy"; }

# Sourced by ./fablab: fetches the web packages and builds, and does neither when nothing changed.

# One at a time: `demo` may still be building while somebody calls `tap` in the next window.
locked() {
    mkdir -p "$artifacts"
    exec 9>"$artifacts/.build-lock"
    if command -v flock >/dev/null 2>&1 && ! flock -n 9; then
        say "another build is running here, waiting for it"
        flock 9
    fi
}

unlocked() { exec 9>&-; }

web_packages_fresh() {
    [ ! -f "$root/package-lock.json" ] ||
        { [ -f "$root/node_modules/.package-lock.json" ] &&
            [ -z "$(find "$root/package-lock.json" "$root/package.json" -newer "$root/node_modules/.package-lock.json" 2>/dev/null)" ]; }
}

fetch_web_packages() {
    web_packages_fresh && return 0
    say "fetching web packages (npm)"
    (cd "$root" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) || fail "npm ci failed (see above)."
    touch "$root/node_modules/.package-lock.json"
}

# newer_than STAMP PATH...: is there a file, or a folder that lost one, younger than the stamp?
newer_than() {
    stamp=$1
    shift
    [ ! -f "$stamp" ] || [ -n "$(find "$@" -newer "$stamp" ! -name '*.md' -print 2>/dev/null | head -n 1)" ]
}

build() {
    what=$1
    say "building ${what##*/} (the first time takes a minute or two)"
    started=$(date +%s)
    log=$artifacts/build.log
    if ! dotnet build "$what" -c "$configuration_name" --nologo -v quiet -clp:NoSummary >"$log" 2>&1 </dev/null; then
        grep -E 'error|warn' "$log" | sort -u | head -n 40 >&2 || true
        fail "the build failed; all of it is in $log"
    fi
    say "built in $(($(date +%s) - started)) s"
}

configuration_name=Release

build_product() {
    stamp_file=$artifacts/.product-$configuration
    executable=$artifacts/bin/FabLab/$configuration/fablab
    if [ -x "$executable" ] && web_packages_fresh && ! newer_than "$stamp_file" \
        "$root/src" "$root/samples" "$root/build" "$root/Directory.Build.props" "$root/Directory.Packages.props" "$root/global.json"; then
        return 0
    fi
    locked
    fetch_web_packages
    # The stamp takes the time before the build: what is saved while it runs is built the next time.
    : >"$artifacts/.started"
    build "$root/build/product.slnf"
    mv -f "$artifacts/.started" "$stamp_file"
    unlocked
}

build_everything() {
    locked
    fetch_web_packages
    : >"$artifacts/.started"
    build "$root/FabLab.sln"
    mv -f "$artifacts/.started" "$artifacts/.product-$configuration"
    unlocked
}

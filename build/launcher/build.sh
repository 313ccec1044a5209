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

# What the program is made of, as one short text: names and times of all its files. Copies that the build itself makes are left out.
fingerprint() {
    (
        cd "$root" &&
            find src samples build Directory.Build.props Directory.Packages.props global.json package-lock.json \
                -path '*/wwwroot/lib' -prune -o -type f ! -name '*.md' -printf '%p %T@\n' 2>/dev/null | LC_ALL=C sort | cksum
    )
}

build() {
    what=$1
    say "building ${what##*/} (the first time takes a minute or two)"
    started=$(date +%s)
    log=$artifacts/build.log
    # One compiler for all projects, which knows what it has read and is compiled itself but once. It is this build's own and goes with it.
    compiler=fablab-$$
    built=0
    # The compiler stays a while after the build and must not keep its lock (9).
    # A build is over before code that is compiled twice pays for the counting.
    DOTNET_TieredPGO=0 dotnet build "$what" -c "$configuration_name" --nologo -v quiet -clp:NoSummary \
        -p:UseSharedCompilation=true -p:SharedCompilationId="$compiler" >"$log" 2>&1 </dev/null 9>&- || built=$?
    dismiss_compiler
    if [ "$built" != 0 ]; then
        grep -E 'error|warn' "$log" | sort -u | head -n 40 >&2 || true
        fail "the build failed; all of it is in $log"
    fi
    say "built in $(($(date +%s) - started)) s"
}

# Without this it would wait ten minutes for more. One that never started is nobody to dismiss.
dismiss_compiler() {
    sdk=$(cd "$root" && dotnet --version 2>/dev/null)
    server=$(dotnet --list-sdks 2>/dev/null | sed -n "s|^$sdk \\[\\(.*\\)\\]\$|\\1/$sdk|p")/Roslyn/bincore/VBCSCompiler.dll
    if [ -f "$server" ]; then dotnet "$server" -shutdown "-pipename:$compiler" >/dev/null 2>&1 </dev/null || true; fi
}

configuration_name=Release

build_product() {
    stamp_file=$artifacts/.product-$configuration
    executable=$artifacts/bin/FabLab/$configuration/fablab
    now=$(fingerprint)
    if [ -x "$executable" ] && web_packages_fresh && [ "$now" = "$(cat "$stamp_file" 2>/dev/null)" ]; then
        return 0
    fi
    locked
    fetch_web_packages
    # The fingerprint is from before the build: what is saved while it runs is built the next time.
    now=$(fingerprint)
    if [ ! -x "$executable" ] || [ "$now" != "$(cat "$stamp_file" 2>/dev/null)" ]; then
        build "$root/build/product.slnf"
        printf '%s\n' "$now" >"$stamp_file"
    fi
    unlocked
}

build_everything() {
    locked
    fetch_web_packages
    now=$(fingerprint)
    build "$root/FabLab.sln"
    printf '%s\n' "$now" >"$artifacts/.product-$configuration"
    unlocked
}

# Sourced by ./fablab: compiles the built program once more, to this computer's own code (docs/adr/0064). What it cannot do costs
# time at the start and nothing else, so nothing here ends the launcher.

ahead=$artifacts/ahead

# Whether the copy that was compiled ahead is of the program as it is now.
is_ahead() { [ -z "${FABLAB_NOT_AHEAD-}" ] && [ -s "$ahead/.product" ] && [ "$(cat "$ahead/.product")" = "$(cat "$artifacts/.product-$configuration" 2>/dev/null)" ]; }

compile_ahead() {
    [ -z "${FABLAB_NOT_AHEAD-}" ] || return 0
    product=$(cat "$artifacts/.product-$configuration" 2>/dev/null) || return 0
    # Tried with this program before, with or without success.
    [ "$product" != "$(cat "$ahead/.tried" 2>/dev/null)" ] || return 0
    case $(uname -m) in
        x86_64) platform=linux-x64 ;;
        aarch64) platform=linux-arm64 ;;
        *) return 0 ;;
    esac
    locked
    say "compiling for this computer (half a minute, once: every start after it is a quarter faster)"
    mkdir -p "$ahead"
    if compiled_ahead >"$ahead/log" 2>&1; then
        printf '%s\n' "$product" >"$ahead/.product"
    else
        say "not compiled for this computer: it works all the same and starts more slowly ($ahead/log says why)"
    fi
    printf '%s\n' "$product" >"$ahead/.tried"
    unlocked
}

# Each step says for itself that it failed: the shell forgets `set -e` where somebody asks how it went.
compiled_ahead() (
    rm -f "$ahead/.product"
    compiler=$(crossgen)crossgen2 && [ -x "$compiler" ] || exit 1
    core=$(framework NETCore) && web=$(framework AspNetCore) || exit 1
    for program in FabLab VirtualLab; do
        from=$artifacts/bin/$program/$configuration
        to=$ahead/$program/$configuration
        mkdir -p "$to/runtimes" || exit 1
        # Libraries of other systems stay behind: they are most of it.
        find "$from" -mindepth 1 -maxdepth 1 ! -name runtimes ! -name '*.dll' ! -name '*.pdb' ! -name '*.xml' -exec cp -Rfp -t "$to" {} + || exit 1
        [ ! -d "$from/runtimes/$platform" ] || cp -Rfp "$from/runtimes/$platform" "$to/runtimes/" || exit 1
        for library in "$from"/*.dll; do
            compiled=$to/${library##*/}
            # Not by age: a package of today may be older than what was compiled yesterday.
            this=$(stat -c '%s %Y' "$library")
            [ "$this" != "$(cat "$compiled.of" 2>/dev/null)" ] || continue
            rm -f "$compiled.of"
            case ${library##*/} in
                # Needed seldom, and never at the start.
                BouncyCastle.* | MailKit.* | MimeKit.* | CsvHelper.* | SkiaSharp.* | QRCoder.* | System.* | Microsoft.Win32.*)
                    cp -f "$library" "$compiled" || exit 1
                    ;;
                *)
                    # Two libraries may be the same: what one program has had compiled, the other takes.
                    twin=$ahead/FabLab/$configuration/${library##*/}
                    if [ "$program" != FabLab ] && cmp -s "$library" "$artifacts/bin/FabLab/$configuration/${library##*/}" && [ -f "$twin" ]; then
                        cp -f "$twin" "$compiled" || exit 1
                    else
                        "$compiler" "$library" -o "$compiled.new" -r "$core/*.dll" -r "$web/*.dll" -r "$from/*.dll" \
                            --targetos linux --targetarch "${platform#linux-}" -O && mv -f "$compiled.new" "$compiled" || exit 1
                    fi
                    ;;
            esac
            printf '%s\n' "$this" >"$compiled.of" || exit 1
        done
    done
)

# The folder of the newest installed framework of .NET 10 with this name.
framework() { dotnet --list-runtimes | sed -n "s|^Microsoft\.$1\.App \(10\.[^ ]*\) \[\(.*\)\]\$|\2/\1|p" | sort -V | tail -n 1 | grep .; }

# Where the compiler lies; fetched when it is not there yet.
crossgen() {
    dotnet msbuild "$root/build/ahead/Ahead.csproj" -nologo -restore -t:WhereTheCompilerIs -p:Platform="$platform" -getProperty:CompilerFolder
}

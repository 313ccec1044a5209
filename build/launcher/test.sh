# Sourced by ./fablab: builds all, runs every test project, prints progress and one line of totals.
#   ./fablab test             all of them
#   ./fablab test Core Booking   only these projects

run_tests() {
    need_sdk
    need_packages test
    build_everything

    results=$artifacts/test-results
    rm -rf -- "$results"
    mkdir -p "$results"

    projects=
    for project in "$root"/tests/*.Tests/*.Tests.csproj; do
        name=$(basename -- "$project" .csproj)
        wanted "$name" "$@" || continue
        # The end-to-end tests take longest: first in, so that they do not run alone at the end.
        if [ "$name" = FabLab.Tests ]; then projects="$name $projects"; else projects="$projects $name"; fi
    done
    total=0
    for name in $projects; do total=$((total + 1)); done
    [ "$total" -gt 0 ] || { say "no test project matches: $*"; printf '0 passed, 0 failed, 0 skipped\n'; exit 2; }

    # Two at once: each is waiting for something (a broker, a disk, a page) half of its time.
    running=
    begun=$(date +%s)
    use_memory_for_temporary_files
    trap 'stop_tests' INT TERM
    for name in $projects; do
        while [ "$(count $running)" -ge 2 ]; do wait_for_one; done
        printf '%s\n' "  started   $name"
        run_project "$name" &
        running="$running $!:$name"
    done
    while [ -n "$running" ]; do wait_for_one; done
    trap - INT TERM
    forget_temporary_files

    passed=0 failed=0 skipped=0
    for name in $projects; do
        read -r p f s <"$results/$name.counts"
        passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    done
    if [ "$skipped" -gt 0 ]; then
        printf '\nSkipped:\n'
        for name in $projects; do print_skipped <"$results/$name.log"; done
    fi
    if [ "$failed" -gt 0 ]; then
        printf '\nFailed:\n'
        for name in $projects; do print_failures "$name" <"$results/$name.log"; done
        printf '\nThe whole output of each project is in %s\n' "$results"
    fi
    printf '\nall tests in %s s\n' "$(($(date +%s) - begun))"
    printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" = 0 ] && [ "$passed" -gt 0 ] || exit 1
}

# A test writes a database, reads it and throws it away: some ten thousand times the disk would be waited for. Where there is a disk in
# memory that is large enough and runs programs, it is used; elsewhere, and where somebody has named a folder, nothing changes.
use_memory_for_temporary_files() {
    temporary=
    [ -z "${TMPDIR-}" ] || return 0
    free=$(df -Pk /dev/shm 2>/dev/null | awk 'END { print $4 + 0 }')
    [ "${free:-0}" -ge 3000000 ] || return 0
    temporary=$(mktemp -d /dev/shm/fl-XXXXXX 2>/dev/null) || { temporary=; return 0; }
    # The tests of the database server run it as another user.
    chmod 755 "$temporary"
    if printf '#!/bin/sh\n' >"$temporary/try" && chmod 755 "$temporary/try" && "$temporary/try" 2>/dev/null; then
        rm -f "$temporary/try"
        export TMPDIR="$temporary"
    else
        forget_temporary_files
    fi
}

forget_temporary_files() {
    [ -z "$temporary" ] || rm -rf -- "$temporary"
    temporary=
}

count() { echo $#; }

wanted() {
    candidate=$1
    shift
    [ $# -gt 0 ] || return 0
    for only in "$@"; do
        case $candidate in "$only" | "$only.Tests") return 0 ;; esac
    done
    return 1
}

# In the background: one test program, its log, its exit code, its counts.
run_project() {
    program=$artifacts/bin/$1/$configuration/FabLab.$1
    log=$results/$1.log
    code=0
    # Ten minutes are far more than any project takes: a test that hangs must not hang the run.
    # Booking has no clock to keep; the programs beside it have brokers, leases and processes that do, so they come first.
    later=0
    if [ "$1" = Booking.Tests ]; then later=5; fi
    (cd "$root" && exec timeout --kill-after=20 600 nice -n "$later" "$program" -noColor -noLogo -reporter verbose) >"$log" 2>&1 </dev/null &
    child=$!
    # A background job of a script does not get Ctrl-C from the terminal; it is passed on by hand.
    trap 'kill -TERM "$child" 2>/dev/null; exit 143' TERM
    wait "$child" || code=$?
    # A total of tests, errors outside a test, failed, skipped, not run; the last such line is the runner's own.
    summary=$(sed -n 's/^ .*Total: \([0-9]*\), Errors: \([0-9]*\), Failed: \([0-9]*\), Skipped: \([0-9]*\), Not Run: \([0-9]*\).*/\1 \2 \3 \4 \5/p' "$log" | tail -n 1)
    set -- "$1" ${summary:-0 0 0 0 0}
    p=$(($2 - $4 - $5 - $6)) f=$(($4 + $3)) s=$5
    # It must not fail silently: a crash, a time-out or an empty project counts as one failure.
    reason=
    if [ "$code" = 124 ] || [ "$code" = 137 ]; then
        reason="stopped after ten minutes"
    elif grep -q '^ .*Total: 0$' "$log"; then
        reason="holds no test"
    elif [ -z "$summary" ]; then
        reason="ended with exit code $code before its summary"
    elif [ "$code" != 0 ] && [ "$f" = 0 ]; then
        reason="ended with exit code $code though no test failed"
    fi
    if [ -n "$reason" ]; then
        f=$((f + 1))
        {
            printf '    %s [FAIL]\n      The project %s. Its last lines:\n' "$1" "$reason"
            tail -n 15 "$log" | sed 's/^/      | /'
        } >"$results/$1.reason"
        cat "$results/$1.reason" >>"$log"
    fi
    printf '%s %s %s\n' "$p" "$f" "$s" >"$results/$1.counts.new"
    mv "$results/$1.counts.new" "$results/$1.counts"
}

# Waits until one of the running projects is done; meanwhile says every fifteen seconds how far it is.
wait_for_one() {
    quiet=0
    while :; do
        left=
        ended=
        for entry in $running; do
            if [ -z "$ended" ] && [ -f "$results/${entry#*:}.counts" ]; then ended=$entry; else left="$left $entry"; fi
        done
        if [ -n "$ended" ]; then
            wait "${ended%%:*}" || true
            running=$left
            done_name=${ended#*:}
            read -r p f s <"$results/$done_name.counts"
            mark='  done     '
            [ "$f" = 0 ] || mark='  FAILED   '
            printf '%s %s: %s passed, %s failed, %s skipped (%s s after the start)\n' "$mark" "$done_name" "$p" "$f" "$s" "$(($(date +%s) - begun))"
            return 0
        fi
        sleep 0.5
        quiet=$((quiet + 1))
        if [ $((quiet % 30)) = 0 ]; then
            for entry in $running; do
                done_name=${entry#*:}
                printf '  running   %s: %s tests so far\n' "$done_name" "$(grep -c '\[FINISHED\]' "$results/$done_name.log" 2>/dev/null || true)"
            done
        fi
    done
}

stop_tests() {
    trap - INT TERM
    for entry in $running; do kill -TERM "${entry%%:*}" 2>/dev/null || true; done
    wait
    forget_temporary_files
    exit 130
}

# In the runner's log a test's own lines are indented further than its name.
print_failures() {
    awk -v project="$1" '
        /^    [^ ].* \[FAIL\]$/ { inside = 1; sub(/^    /, ""); sub(/ \[FAIL\]$/, ""); print "  " project ": " $0; lines = 0; next }
        /^    [^ ]/ || /^[^ ]/ { inside = 0 }
        inside && lines < 25 { print; lines++ }'
}

print_skipped() {
    awk '/^    [^ ].* \[SKIP\]$/ { sub(/^ */, ""); sub(/ \[SKIP\]$/, ""); name = $0; getline reason; sub(/^ */, "", reason); print "  " name ": " reason }'
}

#!/usr/bin/env bash
# Calls imgbudget with what the inputs of the action say, and ends with its exit code.
#
#   action/run.sh cache     for action.yml: whether there is a layer cache, and where
#   action/run.sh check     for action.yml
#   action/run.sh kept      for action.yml: whether the check kept anything in it
#   action/run.sh report    for report/action.yml
#
# Inputs come as INPUT_* variables and are never evaluated: each value is one argument, joined to its flag, so that it can be
# no flag itself. Every flag stands in `check` and `report` below. Runs on bash 3.2, which macOS has.
set -euo pipefail
CDPATH=

refuse() {
    printf '::error title=imgbudget::%s\n' "$1"
    exit 2
}

arguments=()

# flag FLAG VALUE: nothing for an empty value.
flag() {
    [[ -z $2 ]] || arguments+=("$1=$2")
}

# each FLAG LINES: the flag once for each line, without the blanks around it.
each() {
    local line
    while IFS= read -r line; do
        line=${line#"${line%%[![:space:]]*}"}
        line=${line%"${line##*[![:space:]]}"}
        flag "$1" "$line"
    done <<<"$2"
}

# words FLAG TEXT: the flag once for each word.
words() {
    local word list=()
    IFS=$' \t\r\n' read -r -d '' -a list <<<"$2" || true
    for word in ${list[@]+"${list[@]}"}; do
        flag "$1" "$word"
    done
}

# switch FLAG INPUT VALUE: the flag alone, or nothing.
switch() {
    case $3 in
    true) arguments+=("$1") ;;
    false) ;;
    *) refuse "the input $2 is true or false" ;;
    esac
}

# The files that a run always writes, for the outputs `report` and `markdown-file`: files REPORT_FILE
files() {
    local folder
    folder=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/imgbudget.XXXXXX")
    report=${1:-$folder/report.json}
    [[ $report == /* ]] || report=$PWD/$report
    flag --write "json=$report"
    flag --write "markdown=$folder/report.md"
}

# output NAME VALUE
output() {
    printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
}

# Whoever can write a cache can lie to whoever reads it. So a job in which a stranger's code may run beside the repository's secrets does
# neither, and only a job that was started by who may push saves, on the default branch, whose caches all others read.
cache() {
    case $INPUT_CACHE in
    true) ;;
    false) return ;;
    *) refuse "the input cache is true or false" ;;
    esac
    local event=${GITHUB_EVENT_NAME-} directory=$RUNNER_TEMP/imgbudget-layers prefix=imgbudget-layers-$RUNNER_OS-
    case $event in
    pull_request_target | workflow_run)
        echo "No layer cache: the event is $event."
        return
        ;;
    push | schedule | workflow_dispatch)
        [[ -z $DEFAULT_BRANCH || ${GITHUB_REF-} != "refs/heads/$DEFAULT_BRANCH" ]] || output save true
        ;;
    esac
    # What the check keeps is newer than this.
    : >"$directory.before"
    output directory "$directory"
    output prefix "$prefix"
    output key "$prefix${GITHUB_RUN_ID-}-${GITHUB_RUN_ATTEMPT-}"
}

# The program writes down how much there is whenever it has kept something.
kept() {
    [[ ! $LAYER_CACHE/usage -nt $LAYER_CACHE.before ]] || output kept true
}

check() {
    arguments=(check)
    local directory=$INPUT_WORKING_DIRECTORY
    [[ -z $directory || $directory == /* ]] || directory=./$directory
    cd -- "${directory:-.}" 2>/dev/null || refuse "the input working-directory names no folder"

    flag --config "$INPUT_CONFIG"
    flag --policy "$INPUT_POLICY"
    each --image "$INPUT_IMAGES"
    flag --from "$INPUT_FROM"
    each --archive "$INPUT_ARCHIVES"
    flag --bake-metadata "$INPUT_BAKE_METADATA"
    case $INPUT_BUILD in
    auto) ;;
    never) arguments+=(--no-build) ;;
    *) refuse "the input build is auto or never" ;;
    esac
    words --build-env "$INPUT_BUILD_ENV"
    switch --allow-outside allow-outside "$INPUT_ALLOW_OUTSIDE"
    flag --read "$INPUT_READ"
    flag --layer-cache "$LAYER_CACHE"
    flag --baseline "$INPUT_BASELINE"
    flag --baseline-ref "$INPUT_BASELINE_REF"
    flag --changed-since "$INPUT_CHANGED_SINCE"
    flag --fail-on "$INPUT_FAIL_ON"
    flag --comment "$INPUT_COMMENT"
    flag --comment-key "$INPUT_COMMENT_KEY"
    flag --pr "$INPUT_PR_NUMBER"
    switch --summary summary "$INPUT_SUMMARY"
    switch --annotations annotations "$INPUT_ANNOTATIONS"
    arguments+=(--github-output)
    files "$INPUT_REPORT_FILE"
    [[ -z $INPUT_SARIF_FILE ]] || flag --write "sarif=$INPUT_SARIF_FILE"

    local targets=()
    IFS=$' \t\r\n' read -r -d '' -a targets <<<"$INPUT_TARGETS" || true
    arguments+=(-- ${targets[@]+"${targets[@]}"})
    exec "$IMGBUDGET" "${arguments[@]}"
}

report() {
    local code=0 commented=0 report
    arguments=(merge)
    flag --expect "$INPUT_EXPECT"
    flag --fail-on "$INPUT_FAIL_ON"
    arguments+=(--summary --github-output)
    files ""
    arguments+=(--)
    shopt -s nullglob
    local pattern
    while IFS= read -r pattern; do
        pattern=${pattern#"${pattern%%[![:space:]]*}"}
        pattern=${pattern%"${pattern##*[![:space:]]}"}
        [[ -z $pattern || $pattern == /* ]] || pattern=./$pattern
        local IFS=
        # shellcheck disable=SC2206 # Expanded as a glob and, with IFS empty, not split at blanks in a folder's name.
        arguments+=($pattern)
    done <<<"$INPUT_REPORTS"
    [[ ${arguments[${#arguments[@]} - 1]} != -- ]] || refuse "the input reports matches no file"
    "$IMGBUDGET" "${arguments[@]}" || code=$?

    # Without a joined report there is nothing to say on the pull request, and the job has failed already.
    if [[ -s $report ]]; then
        arguments=(comment)
        flag --report "$report"
        flag --comment "$INPUT_COMMENT"
        flag --comment-key "$INPUT_COMMENT_KEY"
        arguments+=(--github-output)
        "$IMGBUDGET" "${arguments[@]}" || commented=$?
    fi
    [[ $code != 0 ]] || code=$commented
    exit "$code"
}

case ${1-} in
cache | check | kept | report) "$1" ;;
*) refuse "action/run.sh is called with cache, check, kept or report" ;;
esac

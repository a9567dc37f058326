# Completion of headgate for bash. It knows no command and no option: `headgate help --complete` says what may follow.
# shellcheck shell=bash

# bash cuts words at = and : as well; headgate wants them whole.
_headgate_words() {
    local rest=$COMP_LINE word bare i
    words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        bare=${rest#"${rest%%[![:space:]]*}"}
        if ((i == 0)) || [[ $bare != "$rest" || $rest == '' && $word == '' && ${words[-1]} != *[=:] ]]; then
            words+=("$word")
        else
            words[-1]+=$word
        fi
        rest=${bare#"$word"}
    done
}

_headgate_files() {
    local file ending kind=$1
    shift
    compopt -o filenames 2>/dev/null
    while IFS= read -r file; do
        if [[ $# -eq 0 || -d $file ]]; then
            COMPREPLY+=("$file")
            continue
        fi
        for ending; do
            [[ $file == *".$ending" ]] && COMPREPLY+=("$file")
        done
    done < <(compgen "$kind" -- "$cur")
}

_headgate() {
    local cur=${COMP_WORDS[COMP_CWORD]} before candidate
    local -a words
    COMPREPLY=()
    _headgate_words
    [[ $cur == [=:] ]] && cur=
    before=${words[-1]%"$cur"}
    while IFS=$'\t' read -r candidate _; do
        case $candidate in
        :dirs) _headgate_files -d ;;
        # shellcheck disable=SC2086  # the endings are words
        :files*) _headgate_files -f ${candidate#:files} ;;
        *)
            [[ $candidate == *= ]] && compopt -o nospace 2>/dev/null
            COMPREPLY+=("${candidate#"$before"}")
            ;;
        esac
    done < <("${words[0]}" help --complete "${words[@]:1}" 2>/dev/null)
}

complete -F _headgate headgate

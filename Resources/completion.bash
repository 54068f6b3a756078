# viv's own: without a command, the words are those of the dashboard.
_viv_or_dashboard() {
    local -a words=()
    local -i index cursor=0
    # bash cuts words at '=': an option and its value are put side by side.
    for ((index = 0; index < COMP_CWORD; index++)); do
        [[ ${COMP_WORDS[index]} == "=" && ${words[cursor - 1]} == --* ]] || words[cursor++]=${COMP_WORDS[index]}
    done
    local typed=$2
    [[ ${COMP_WORDS[COMP_CWORD]} == "=" ]] && typed=""
    local known=0
    ((cursor > 1)) && [[ " COMMANDS " == *" ${words[1]} "* ]] && known=1
    local -a COMP_WORDS=("${words[@]}" "$typed")
    local COMP_CWORD=$cursor COMP_LINE="${words[*]} $typed"
    local COMP_POINT=${#COMP_LINE}
    if ((cursor == 1 || known)); then
        _viv "$1" "$typed" "${words[cursor - 1]}"
    fi
    if ((!known)); then
        COMP_WORDS=("${words[0]}" dashboard "${words[@]:1}" "$typed")
        COMP_CWORD=$((cursor + 1)) COMP_LINE="${COMP_WORDS[*]}" COMP_POINT=${#COMP_LINE}
        _viv "$1" "$typed" "${words[cursor - 1]}"
    fi
    # _viv leaves a trap behind that would undo the options which a sourced file sets.
    trap - RETURN
}

# Words are no file names: a folder called ps must not turn the command into a path.
complete -r viv
complete -F _viv_or_dashboard viv

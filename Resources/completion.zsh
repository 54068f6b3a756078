# viv's own: without a command, the words are those of the dashboard.
functions[_viv_command]=$functions[_viv]
_viv() {
    local -a viv_commands=(COMMANDS)
    local -i viv_known=$(( CURRENT > 2 && ${viv_commands[(Ie)${words[2]}]} )) viv_ret=1
    if (( CURRENT == 2 || viv_known )); then
        _viv_command "${@}" && viv_ret=0
    fi
    if (( ! viv_known )); then
        words=("${words[1]}" dashboard "${(@)words[2,-1]}")
        (( CURRENT += 1 ))
        _viv_command "${@}" && viv_ret=0
    fi
    return "${viv_ret}"
}

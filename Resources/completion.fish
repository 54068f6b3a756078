# viv's own: without a command, the words are those of the dashboard.
functions -e __viv_typed_tokens __viv_offer_option __viv_offer_word
functions -c __viv_tokens __viv_typed_tokens
functions -c __viv_should_offer_completions_for_flags_or_options __viv_offer_option
functions -c __viv_should_offer_completions_for_positional __viv_offer_word

function __viv_tokens
    set -l tokens (__viv_typed_tokens $argv)
    if set -q __viv_assumed; and test "$argv" = -pc
        set tokens $tokens[1] $__viv_assumed $tokens[2..]
    end
    printf '%s\n' $tokens
end

function __viv_names_command
    set -l tokens (__viv_typed_tokens -pc)
    contains -- "$tokens[2]" COMMANDS
end

function __viv_offer_or_assume
    $argv; and return
    __viv_names_command; and return 1
    set -g __viv_assumed dashboard
    $argv
    set -l offered $status
    set -e __viv_assumed
    return $offered
end

function __viv_should_offer_completions_for_flags_or_options
    __viv_offer_or_assume __viv_offer_option $argv
end

function __viv_should_offer_completions_for_positional
    __viv_offer_or_assume __viv_offer_word $argv
end

# Completion of headgate for fish. It knows no command and no option: `headgate help --complete` says what may follow.

function __headgate_complete
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l last (commandline --current-token --cut-at-cursor)
    # A file is completed behind the = of --option=FILE and FORMAT=FILE.
    set -l before (string match --regex '^.*=' -- $last)
    for line in ($words[1] help --complete $words[2..] "$last" 2>/dev/null)
        switch $line
            case ':dirs'
                __fish_complete_directories (string replace --regex '^.*=' '' -- $last) | string replace --regex '^' -- "$before"
            case ':files*'
                set -l endings (string split --no-empty ' ' (string replace ':files' '' -- $line))
                for file in (__fish_complete_path (string replace --regex '^.*=' '' -- $last))
                    set -l name (string split \t -- $file)[1]
                    if test -z "$endings"; or string match --quiet '*/' -- $name; or contains -- (string replace --regex '^.*\.' '' -- $name) $endings
                        printf "%s\n" "$before$file"
                    end
                end
            case '*'
                printf "%s\n" $line
        end
    end
end

complete --command headgate --no-files --keep-order --arguments '(__headgate_complete)'

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/config.h"

#define EXIT_TEXT                                                                              \
    "Exit status: 0 the gate is open; 1 closed by failures; 2 bad usage or a bad\n"            \
    "plan (nothing was contacted); 3 closed by unknowns; 5 nothing selected, or only\n"        \
    "what needs --prove; 70 a fault of headgate's own; 130 interrupted."

/* A command: cmd_<name>.c and a row here. `options` are letters of options.c. */
static const struct hg_command commands[] = {
    { "init",    "[FILE...]",          "Write a first plan, from secret payload files or questions",
     "pOVNKMXcx",                                                                                                            hg_cmd_init,
     "A FILE holds a secret payload: a JSON document with hostname, port, username,\n"
      "password and database, or connection_string for MongoDB. The plan (plan.yaml,\n"
      "or -o FILE) names each and holds no secret. [NAME=][ENGINE:]FILE says what the\n"
      "file's own name and content do not."                                                                                                            },
    { "run",     "PLAN",               "Examine the plan's targets, judge what was seen, and report",
     "ostRpjWdPArfVcxCwqvS",                                                                                                 hg_cmd_run,     EXIT_TEXT },
    { "collect", "PLAN -o FACTS",      "Examine the plan's targets and store the facts",
     "ostRpjWdPAOVcxqv",                                                                                                     hg_cmd_collect,
     "Stored facts hold no secret; `headgate judge` judges them anywhere."                                                                             },
    { "judge",   "PLAN --facts FACTS", "Judge stored facts, and report",                                   "ostRpFrfacCwvS",
     hg_cmd_judge,                                                                                                                           EXIT_TEXT },
    { "report",  "RUN --to FORMAT",    "Report a stored run (a json report) in another format",
     "TOCwvS",                                                                                                               hg_cmd_report,  NULL      },
    { "diff",    "OLD NEW",            "Say what changed from one stored run to another",                  "TOCwv",
     hg_cmd_diff,                                                                                                                            "--to terminal (the default), markdown or json. What is no longer looked at is\n"
      "never called fixed.\n\n"
      "Exit status: 0 nothing that closes the gate of NEW is new or worse; 1 a failure\n"
      "is; 3 no failure, but an unknown is, or what was looked at and would close it is\n"
      "not looked at any more; 2 bad usage, or a file that holds no run; 70 a fault of\n"
      "headgate's own."                                                                                                               },
    { "list",    "",                   "List the check modules",                                           "osc",            hg_cmd_list,    NULL      },
    { "explain", "CHECK...",           "Explain a check: why, what is sent, thresholds, how to mend it",
     "cxpI",                                                                                                                 hg_cmd_explain, NULL      },
    { "lint",    "[DIR | FILE...]",    "Verify check modules: form, and every example judged",             "c",
     hg_cmd_lint,                                                                                                                            NULL      },
    { "plan",    "PLAN",               "Show what would be contacted, asked and judged, without doing it",
     "ostRpPAVcxv",                                                                                                          hg_cmd_plan,    NULL      },
    { "help",    "[COMMAND]",          "Say what a command does, and its options",                         "",               hg_cmd_help,    NULL      },
};

const struct hg_command *hg_command_at(size_t i)
{
    return i < HG_COUNT(commands) ? &commands[i] : NULL;
}

const struct hg_command *hg_command_find(const char *name)
{
    for (size_t i = 0; i < HG_COUNT(commands); i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

int hg_unknown_command(const char *word)
{
    const char *names[HG_COUNT(commands) + 1] = { NULL };
    const char *near;

    for (size_t i = 0; i < HG_COUNT(commands); i++) {
        names[i] = commands[i].name;
    }
    near = hg_did_you_mean(word, names);
    fprintf(stderr, "headgate: `%.40s` is not a command%s%s%s\n", word,
            near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "; see --help");
    return 2;
}

/* Words in front of, or instead of, a command. -1: none of them. */
static int without_command(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    bool help = strcmp(word, "help") == 0 && argc > 2;

    if (argc < 2) {
        hg_help_overview(stderr);
        return 2;
    }
    if (strcmp(word, "--version") == 0) {
        puts("headgate " HG_VERSION);
    } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        hg_help_overview(stdout);
    } else if (help && strcmp(argv[2], "--tables") == 0) {
        return hg_help_tables();
    } else if (help && strcmp(argv[2], "--complete") == 0) {
        return hg_help_complete(argc - 3, argv + 3);
    } else {
        return -1;
    }
    return fflush(stdout) == 0 ? 0 : 70;
}

int main(int argc, char **argv)
{
    struct hg_cli cli = { 0 };
    struct hg_error err = { 0 };
    int status = without_command(argc, argv);
    const struct hg_command *command = status < 0 ? hg_command_find(argv[1]) : NULL;

    if (status >= 0) {
        return status;
    }
    if (command == NULL) {
        return hg_unknown_command(argv[1]);
    }
    cli.command = argv[1];
    if (!hg_options_parse(&cli, command, argc - 2, argv + 2, &err)) {
        return hg_cli_fail(&err);
    }
    if (cli.help) {
        hg_options_help(command);
        return fflush(stdout) == 0 ? 0 : 70;
    }
    return command->run(&cli);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"

enum kind { FLAG, TEXT, LIST, NUMBER, DURATION };

/* One row an option; `letter` is how commands list it. Sorted as --help shows them. */
static const struct option {
    char letter;
    enum kind kind;
    const char *name, *value, *help;
    size_t at;
} options[] = {
    { 'o', LIST,     "only",           "SEL",         "only checks of this id, glob, tag or severity",
     offsetof(struct hg_cli,                                                                                                           only)        },
    { 's', LIST,     "skip",           "SEL",         "not these checks (as --only)",                          offsetof(struct hg_cli, skip)        },
    { 't', LIST,     "target",         "T",           "only this target (id, glob or engine:NAME)",
     offsetof(struct hg_cli,                                                                                                           targets)     },
    { 'R', TEXT,     "rerun-failed",   "RUN",         "only what failed or was unknown in this json report",
     offsetof(struct hg_cli,                                                                                                           rerun)       },
    { 'p', LIST,     "profile",        "P",           "these profiles instead of the plan's",
     offsetof(struct hg_cli,                                                                                                           profiles)    },
    { 'j', NUMBER,   "jobs",           "N",           "probes side by side (16)",                              offsetof(struct hg_cli, jobs)        },
    { 'W', DURATION, "wait",           "D",           "so long for servers that are still starting",
     offsetof(struct hg_cli,                                                                                                           wait_ms)     },
    { 'd', DURATION, "deadline",       "D",           "at most so long for each attempt at a target (10s)",
     offsetof(struct hg_cli,                                                                                                           deadline_ms) },
    { 'P', FLAG,     "prove",          NULL,          "really stream for a moment, in the one safe form",
     offsetof(struct hg_cli,                                                                                                           prove)       },
    { 'A', FLAG,     "attempts",       NULL,          "also try what must be refused",
     offsetof(struct hg_cli,                                                                                                           attempts)    },
    { 'r', LIST,     "report",         "FORMAT=FILE", "write a report (as often as wanted; - is stdout)",
     offsetof(struct hg_cli,                                                                                                           reports)     },
    { 'f', TEXT,     "fail-on",        "SEVERITY",    "the gate closes from this severity on",
     offsetof(struct hg_cli,                                                                                                           fail_on)     },
    { 'F', TEXT,     "facts",          "FILE",        "the facts to judge",                                    offsetof(struct hg_cli, facts)       },
    { 'O', TEXT,     "output",         "FILE",        "where to write (-o for short; - is stdout)",
     offsetof(struct hg_cli,                                                                                                           output)      },
    { 'T', TEXT,     "to",             "FORMAT",      "the report's format",                                   offsetof(struct hg_cli, to)          },
    { 'a', TEXT,     "as-of",          "DATE",        "judge waivers as of this day (YYYY-MM-DD)",
     offsetof(struct hg_cli,                                                                                                           as_of)       },
    { 'S', TEXT,     "since",          "RUN",         "what changed since this stored run (the status stays)",
     offsetof(struct hg_cli,                                                                                                           since)       },
    { 'c', TEXT,     "checks",         "DIR",         "the check modules",                                     offsetof(struct hg_cli, checks)      },
    { 'x', LIST,     "probes",         "DIR",         "more probe programs",                                   offsetof(struct hg_cli, probes)      },
    { 'C', TEXT,     "color",          "WHEN",        "auto, always or never",                                 offsetof(struct hg_cli, colour)      },
    { 'w', NUMBER,   "width",          "N",           "columns of the terminal report",
     offsetof(struct hg_cli,                                                                                                           width)       },
    { 'V', TEXT,     "vantage",        "WHERE",       "headgate stands inside, tunnel or outside",
     offsetof(struct hg_cli,                                                                                                           vantage)     },
    { 'q', FLAG,     "quiet",          NULL,          "no progress",                                           offsetof(struct hg_cli, quiet)       },
    { 'v', FLAG,     "verbose",        NULL,          "also what passed, and what the probes said",
     offsetof(struct hg_cli,                                                                                                           verbose)     },
    { 'N', LIST,     "connect",        "T=HOST:PORT", "dial this for target T (a tunnel's near end)",
     offsetof(struct hg_cli,                                                                                                           connect)     },
    { 'K', TEXT,     "ca",             "FILE",        "the CA that signed the servers' certificates",
     offsetof(struct hg_cli,                                                                                                           ca)          },
    { 'M', TEXT,     "from-terraform", "DIR",         "hosts, ports and names of *.tf, never a password",
     offsetof(struct hg_cli,                                                                                                           terraform)   },
    { 'X', FLAG,     "force",          NULL,          "write over a plan that is there",
     offsetof(struct hg_cli,                                                                                                           force)       },
    { 'I', TEXT,     "plan",           "PLAN",        "also the values in force in this plan",
     offsetof(struct hg_cli,                                                                                                           plan)        },
    { 'h', FLAG,     "help",           NULL,          "this text",                                             offsetof(struct hg_cli, help)        },
};

static const char *const briefs[][2] = {
    { "-o", "output"  },
    { "-h", "help"    },
    { "-v", "verbose" },
    { "-j", "jobs"    },
};

static bool takes(const struct hg_command *command, const struct option *option)
{
    return option->letter == 'h' || strchr(command->options, option->letter) != NULL;
}

static const struct option *find(const struct hg_command *command, const char *name, size_t len)
{
    for (size_t i = 0; i < HG_COUNT(options); i++) {
        if (strlen(options[i].name) == len && strncmp(options[i].name, name, len) == 0 &&
            takes(command, &options[i])) {
            return &options[i];
        }
    }
    return NULL;
}

static bool unknown_option(const struct hg_command *command, const char *word,
                           struct hg_error *err)
{
    const char *names[HG_COUNT(options) + 1] = { NULL };
    char name[64];
    size_t n = 0;
    const char *near;

    snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
    for (size_t i = 0; i < HG_COUNT(options); i++) {
        if (takes(command, &options[i])) {
            names[n++] = options[i].name;
        }
    }
    near = hg_did_you_mean(name, names);
    return hg_fail(err, HG_E_USAGE, "`headgate %s` has no option `%.60s`%s%s%s", command->name,
                   word, near ? "; did you mean --" : "", near ? near : "",
                   near ? "?" : "; see --help");
}

static bool put_list(const char **list, const char *value, const char *name,
                     struct hg_error *err)
{
    size_t n = 0;

    while (list[n] != NULL) {
        n++;
    }
    if (n + 1 >= HG_MAX_WORDS) {
        return hg_fail(err, HG_E_USAGE, "--%s: more than %d", name, HG_MAX_WORDS - 1);
    }
    list[n] = value;
    return true;
}

static bool put_number(int *field, const struct option *option, const char *value,
                       struct hg_error *err)
{
    long long number = 0;
    char *end;

    if (option->kind == DURATION) {
        size_t len = strlen(value);

        if (len > 2 && strcmp(value + len - 2, "ms") == 0) {
            number = strtoll(value, &end, 10);
            number = strcmp(end, "ms") == 0 ? number : -1;
        } else if (hg_duration_parse(value, &number)) {
            number *= 1000;
        } else {
            number = -1;
        }
        if (number < 100 || number > 3600000) {
            return hg_fail(err, HG_E_USAGE,
                           "--%s `%s` is not a duration from 100ms to 1h (such as 10s)",
                           option->name, value);
        }
    } else {
        errno = 0;
        number = strtoll(value, &end, 10);
        if (*end != '\0' || end == value || errno != 0 || number < 1 || number > 10000) {
            return hg_fail(err, HG_E_USAGE, "--%s `%s` is not a number from 1 to 10000",
                           option->name, value);
        }
    }
    *field = (int)number;
    return true;
}

static bool put(struct hg_cli *cli, const struct option *option, const char *value,
                struct hg_error *err)
{
    void *field = (char *)cli + option->at;

    switch (option->kind) {
    case FLAG:
        *(bool *)field = true;
        return true;
    case TEXT:
        *(const char **)field = value;
        return true;
    case LIST:
        return put_list(field, value, option->name, err);
    default:
        return put_number(field, option, value, err);
    }
}

static bool put_option(struct hg_cli *cli, const struct hg_command *command, char **argv,
                       int argc, int *i, struct hg_error *err)
{
    const char *word = argv[*i], *equals = strchr(word, '='), *value;
    const struct option *option = NULL;

    if (strncmp(word, "--", 2) == 0) {
        option = find(command, word + 2, strcspn(word + 2, "="));
    }
    for (size_t b = 0; b < HG_COUNT(briefs); b++) {
        if (strcmp(word, briefs[b][0]) == 0) {
            option = find(command, briefs[b][1], strlen(briefs[b][1]));
            equals = NULL;
        }
    }
    if (option == NULL) {
        return strncmp(word, "--", 2) == 0
                   ? unknown_option(command, word, err)
                   : hg_fail(err, HG_E_USAGE, "`headgate %s` has no option `%.60s`; see --help",
                             command->name, word);
    }
    if (option->kind == FLAG) {
        return equals == NULL ? put(cli, option, NULL, err)
                              : hg_fail(err, HG_E_USAGE, "--%s takes no value", option->name);
    }
    value = equals ? equals + 1 : NULL;
    if (value == NULL && *i + 1 < argc) {
        value = argv[++*i];
    }
    if (value == NULL || value[0] == '\0') {
        return hg_fail(err, HG_E_USAGE, "--%s wants a value: --%s %s", option->name,
                       option->name, option->value);
    }
    return put(cli, option, value, err);
}

bool hg_options_parse(struct hg_cli *cli, const struct hg_command *command, int argc,
                      char **argv, struct hg_error *err)
{
    bool only_operands = false;

    for (int i = 0; i < argc; i++) {
        if (!only_operands && strcmp(argv[i], "--") == 0) {
            only_operands = true;
        } else if (!only_operands && argv[i][0] == '-' && argv[i][1] != '\0') {
            if (!put_option(cli, command, argv, argc, &i, err)) {
                return false;
            }
        } else if (cli->n_operands + 1 >= HG_MAX_WORDS) {
            return hg_fail(err, HG_E_USAGE, "too many words");
        } else {
            cli->operands[cli->n_operands++] = argv[i];
        }
    }
    return true;
}

bool hg_option_at(const struct hg_command *command, size_t i, struct hg_option_about *ret)
{
    for (size_t k = 0; k < HG_COUNT(options); k++) {
        const struct option *o = &options[k];

        if ((command != NULL && !takes(command, o)) || i-- > 0) {
            continue;
        }
        *ret = (struct hg_option_about){ o->name, o->value, o->help, NULL, o->kind == LIST };
        for (size_t b = 0; b < HG_COUNT(briefs); b++) {
            if (strcmp(briefs[b][1], o->name) == 0) {
                ret->brief = briefs[b][0];
            }
        }
        return true;
    }
    return false;
}

void hg_options_help(const struct hg_command *command)
{
    printf("usage: headgate %s %s\n\n%s.\n", command->name, command->operands,
           command->summary);
    if (command->detail != NULL) {
        printf("\n%s\n", command->detail);
    }
    puts("");
    for (size_t i = 0; i < HG_COUNT(options); i++) {
        char left[40];

        if (takes(command, &options[i])) {
            snprintf(left, sizeof(left), "--%s %s", options[i].name,
                     options[i].value ? options[i].value : "");
            printf("  %-22s %s\n", left, options[i].help);
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_help.c - what the tables of commands and options say: to people, and to what makes man
 * pages of them. */
#include <jansson.h>
#include <string.h>

#include "base/attr.h"
#include "cli/cli.h"
#include "cli/config.h"

void hg_help_overview(FILE *out)
{
    const struct hg_command *command;

    fputs("usage: headgate COMMAND ...\n\n"
          "Says whether a database is ready to be put on a change stream, and whether\n"
          "anything is more open than it has to be.\n\n",
          out);
    for (size_t i = 0; (command = hg_command_at(i)) != NULL; i++) {
        fprintf(out, "  %-8s %s\n", command->name, command->summary);
    }
    fputs("\n`headgate help COMMAND` or `headgate COMMAND --help` says more, and the man\n"
          "pages most; `headgate --version` which one this is.\n",
          out);
}

int hg_cmd_help(struct hg_cli *cli)
{
    if (cli->n_operands == 0) {
        hg_help_overview(stdout);
    }
    for (size_t i = 0; i < cli->n_operands; i++) {
        const struct hg_command *command = hg_command_find(cli->operands[i]);

        if (command == NULL) {
            return hg_unknown_command(cli->operands[i]);
        }
        if (i > 0) {
            puts("");
        }
        hg_options_help(command);
    }
    return fflush(stdout) == 0 ? 0 : 70;
}

static json_t *table_of_options(const struct hg_command *command)
{
    json_t *list = json_array();
    struct hg_option_about about;

    for (size_t i = 0; hg_option_at(command, i, &about); i++) {
        json_t *words = about.value ? hg_help_words(about.value) : NULL;

        json_array_append_new(list,
                              json_pack("{s:s, s:s?, s:s?, s:s, s:b, s:o*}", "name", about.name,
                                        "brief", about.brief, "value", about.value, "help",
                                        about.help, "repeats", about.repeats, "words", words));
    }
    return list;
}

int hg_help_tables(void)
{
    json_auto_t *commands = json_array();
    json_auto_t *doc = NULL;
    const struct hg_command *c;

    for (size_t i = 0; (c = hg_command_at(i)) != NULL; i++) {
        json_array_append_new(commands,
                              json_pack("{s:s, s:s, s:s, s:s?, s:o}", "name", c->name,
                                        "operands", c->operands, "summary", c->summary,
                                        "detail", c->detail, "options", table_of_options(c)));
    }
    doc = json_pack("{s:s, s:O}", "version", HG_VERSION, "commands", commands);
    if (doc == NULL || json_dumpf(doc, stdout, JSON_INDENT(1)) != 0) {
        return 70;
    }
    return putchar('\n') == EOF || fflush(stdout) != 0 ? 70 : 0;
}

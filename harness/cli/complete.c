/* SPDX-License-Identifier: Apache-2.0 */
/* complete.c - what the last word of a command line may become. The shells' own parts
 * (completions/) hold no command and no option: they ask here, so that nothing can differ. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "cli/cli.h"
#include "reports/writer.h"

/* What is known of the words in front of the one that is completed. */
struct line {
    const struct hg_command *command;
    const char *last;          /* the word to complete */
    const char *value;         /* placeholder of the option that waits for it, or NULL */
    const char *checks, *plan; /* --checks DIR, the first operand; or NULL */
    size_t n_operands;
    bool only_operands; /* `--` stands before it */
};

/* Prints a candidate when it begins as the last word does. What comes from files is shown as
 * text only: a newline in it would be another candidate. */
static void offer(const struct line *line, const char *prefix, const char *word,
                  const char *about)
{
    size_t n = strlen(prefix);
    struct hg_buf out = { 0 };

    if (strncmp(line->last, prefix, n) == 0 &&
        strncmp(line->last + n, word, strlen(line->last + n)) == 0) {
        hg_text_clean(&out, prefix, n, 200);
        hg_text_clean(&out, word, strlen(word), 200);
        hg_buf_putc(&out, '\t');
        hg_text_clean(&out, about, strlen(about), 100);
        puts(hg_buf_text(&out));
    }
    hg_buf_done(&out);
}

static void add(json_t *list, const char *word, const char *tail, const char *about)
{
    json_t *text = json_sprintf("%s%s", word, tail);

    json_array_append_new(list, json_pack("{s:o, s:s}", "word", text, "about", about));
}

static const char *const severities[] = { "info", "minor", "major", "blocker", NULL };

json_t *hg_help_words(const char *placeholder)
{
    static const char *const when[] = { "auto", "always", "never", NULL };
    bool to_file = strcmp(placeholder, "FORMAT=FILE") == 0;
    static const char *const where[] = { "inside", "tunnel", "outside", NULL };
    const char *const *words = strcmp(placeholder, "SEVERITY") == 0 ? severities
                               : strcmp(placeholder, "WHERE") == 0  ? where
                               : strcmp(placeholder, "WHEN") == 0   ? when
                                                                    : NULL;
    json_t *list = json_array();

    if (to_file || strcmp(placeholder, "FORMAT") == 0) {
        for (size_t i = 0; hg_writers[i] != NULL; i++) {
            add(list, hg_writers[i]->name, to_file ? "=" : "", hg_writers[i]->summary);
        }
    }
    for (; words != NULL && *words != NULL; words++) {
        add(list, *words, "", "");
    }
    if (json_array_size(list) == 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}

static char *checks_dir(const struct line *line)
{
    struct hg_cli cli = { .checks = line->checks };

    return hg_cli_checks_dir(&cli);
}

static void offer_checks(const struct line *line, const char *prefix, bool selectors)
{
    char *dir = checks_dir(line);
    HG_AUTO(hg_checks_freep) struct hg_checks *checks = dir ? hg_checks_load(dir, NULL) : NULL;
    json_auto_t *tags = json_object();
    const char *name;
    json_t *value;
    size_t j;

    free(dir);
    for (size_t i = 0; checks != NULL && i < checks->n; i++) {
        offer(line, prefix, checks->items[i].id, checks->items[i].title);
        json_array_foreach (checks->items[i].tags, j, value) {
            json_object_set_new(tags, json_string_value(value), json_true());
        }
    }
    if (selectors) {
        json_object_foreach (tags, name, value) {
            offer(line, prefix, name, "the checks with this tag");
        }
        for (size_t i = 0; severities[i] != NULL; i++) {
            offer(line, prefix, severities[i], "the checks of this severity");
        }
    }
}

static void offer_profiles(const struct line *line, const char *prefix)
{
    char *dir = checks_dir(line), path[4096];
    json_auto_t *names = NULL;
    json_t *name;
    size_t i;

    snprintf(path, sizeof(path), "%s/profiles", dir ? dir : "");
    names = hg_profile_names(path);
    json_array_foreach (names, i, name) {
        offer(line, prefix, json_string_value(name), "profile");
    }
    free(dir);
}

/* Names and engines only; a plan that is not whole yet gives what it has, or nothing. */
static void offer_targets(const struct line *line, const char *prefix)
{
    HG_AUTO(hg_doc_freep)
    struct hg_doc *doc = line->plan && strcmp(line->plan, "-") != 0
                             ? hg_doc_load(line->plan, NULL)
                             : NULL;
    const char *id;
    json_t *target;

    json_object_foreach (doc ? json_object_get(doc->root, "targets") : NULL, id, target) {
        const char *engine = json_string_value(json_object_get(target, "engine"));

        offer(line, prefix, id, engine ? engine : "");
    }
}

static void offer_options(const struct line *line)
{
    struct hg_option_about about;
    char word[80];

    for (size_t i = 0; hg_option_at(line->command, i, &about); i++) {
        snprintf(word, sizeof(word), "--%s", about.name);
        offer(line, "", word, about.help);
    }
}

static void offer_commands(const struct line *line)
{
    const struct hg_command *command;

    for (size_t i = 0; (command = hg_command_at(i)) != NULL; i++) {
        offer(line, "", command->name, command->summary);
    }
}

/* What may stand for a placeholder of a table: "PLAN", "FORMAT=FILE". One that is not known
 * here is taken for a file, as most are. */
static void offer_values(const struct line *line, const char *placeholder, const char *prefix)
{
    json_auto_t *words = hg_help_words(placeholder);
    size_t i;
    json_t *item;

    if (strcmp(placeholder, "FORMAT=FILE") == 0 && strchr(line->last + strlen(prefix), '=')) {
        puts(":files");
    } else if (words != NULL) {
        json_array_foreach (words, i, item) {
            offer(line, prefix, json_string_value(json_object_get(item, "word")),
                  json_string_value(json_object_get(item, "about")));
        }
    } else if (strcmp(placeholder, "SEL") == 0 || strcmp(placeholder, "CHECK") == 0) {
        offer_checks(line, prefix, placeholder[0] == 'S');
    } else if (strcmp(placeholder, "T") == 0) {
        offer_targets(line, prefix);
    } else if (strcmp(placeholder, "P") == 0) {
        offer_profiles(line, prefix);
    } else if (strcmp(placeholder, "COMMAND") == 0) {
        offer_commands(line);
    } else if (strcmp(placeholder, "DIR") == 0) {
        puts(":dirs");
    } else if (strcmp(placeholder, "PLAN") == 0) {
        puts(":files yaml yml json");
    } else if (strcmp(placeholder, "RUN") == 0 || strcmp(placeholder, "OLD") == 0 ||
               strcmp(placeholder, "NEW") == 0) {
        puts(":files json");
    } else if (strcmp(placeholder, "N") != 0 && strcmp(placeholder, "D") != 0 &&
               strcmp(placeholder, "DATE") != 0 && strchr(placeholder, ':') == NULL) {
        puts(":files");
    }
}

/* The operand at hand, from the form in the table: "PLAN --facts FACTS", "[DIR | FILE...]",
 * "OLD NEW", "CHECK...". */
static void offer_operand(const struct line *line)
{
    const char *form = line->command->operands;
    char word[40] = "";
    size_t at = line->n_operands;

    while (*form != '\0') {
        size_t skip = strspn(form, " [|"), len = strcspn(form + skip, " ]|.");
        bool repeats = strncmp(form + skip + len, "...", 3) == 0 ||
                       strchr(form + skip + len, '|') != NULL;

        form += skip;
        if (*form == '-' || len == 0) {
            return;
        }
        snprintf(word, sizeof(word), "%.*s", (int)len, form);
        if (at == 0 || repeats) {
            offer_values(line, repeats && strchr(line->command->operands, '|') ? "" : word, "");
            return;
        }
        at--;
        form += len + strspn(form + len, ".]");
    }
}

static bool option_of(const struct hg_command *command, const char *word,
                      struct hg_option_about *ret)
{
    size_t len = strcspn(word, "=");

    for (size_t i = 0; hg_option_at(command, i, ret); i++) {
        if ((strncmp(word, "--", 2) == 0 && strlen(ret->name) == len - 2 &&
             strncmp(ret->name, word + 2, len - 2) == 0) ||
            (ret->brief != NULL && strcmp(ret->brief, word) == 0)) {
            return true;
        }
    }
    return false;
}

/* Reads the words before the last, as hg_options_parse() does; slips are passed over. */
static void read_line(struct line *line, int argc, char **argv)
{
    struct hg_option_about about;

    line->last = argv[argc - 1];
    line->command = hg_command_find(argv[0]);
    for (int i = 1; line->command != NULL && i < argc - 1; i++) {
        const char *equals = strchr(argv[i], '=');

        if (!line->only_operands && strcmp(argv[i], "--") == 0) {
            line->only_operands = true;
        } else if (line->only_operands || argv[i][0] != '-' || argv[i][1] == '\0') {
            line->plan = line->n_operands++ == 0 ? argv[i] : line->plan;
        } else if (option_of(line->command, argv[i], &about) && about.value != NULL) {
            const char *value = equals ? equals + 1 : argv[i + 1];

            if (strcmp(about.name, "checks") == 0 && (equals || i + 1 < argc - 1)) {
                line->checks = value;
            }
            line->value = !equals && i + 1 == argc - 1 ? about.value : NULL;
            i += equals == NULL;
        }
    }
}

int hg_help_complete(int argc, char **argv)
{
    struct line line = { 0 };
    struct hg_option_about about;
    const char *equals;

    if (argc < 1) {
        return 2;
    }
    read_line(&line, argc, argv);
    equals = strchr(line.last, '=');
    if (argc == 1) {
        offer_commands(&line);
        offer(&line, "", "--help", "every command");
        offer(&line, "", "--version", "which headgate this is");
    } else if (line.command == NULL) {
        return 0;
    } else if (line.value != NULL) {
        offer_values(&line, line.value, "");
    } else if (!line.only_operands && line.last[0] == '-' && line.last[1] != '\0' && equals) {
        char *prefix = strndup(line.last, (size_t)(equals - line.last) + 1);

        if (prefix != NULL && option_of(line.command, line.last, &about) && about.value) {
            offer_values(&line, about.value, prefix);
        }
        free(prefix);
    } else if (!line.only_operands && line.last[0] == '-') {
        offer_options(&line);
    } else {
        offer_operand(&line);
    }
    return fflush(stdout) == 0 ? 0 : 70;
}

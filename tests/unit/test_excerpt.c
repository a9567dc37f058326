/* SPDX-License-Identifier: Apache-2.0 */
/* test_excerpt.c - the line of an error with its caret; and that it shows nobody's password. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "load/excerpt.h"
#include "load/load.h"
#include "unit/unit.h"

/* A place in a text, the sentence about it, and the excerpt. */
static const struct {
    const char *text;
    int line, column;
    const char *pointer, *sentence, *wanted;
} excerpts[] = {
    { "a: 1\n    scpe: [x]\n",                           2, 5,  "#/scpe",                    "`scpe` is not a key",
     "    2 |     scpe: …\n"
      "      |     ^~~~\n"                                                                                               },
    { "db: { engine: mysq, tls: off }",                  1, 15, "/targets/db/engine",        "no engine `mysq`",
     "    1 | db: { engine: mysq …\n"
      "      |               ^~~~\n"                                                                                     },
    /* only the key, and nothing of its value or of its neighbours */
    { "db: {host: 10.0.0.1, password: x}",               1, 22, "#/db/password",             "a password",
     "    1 | db: {host: …, password: …\n"
      "      |               ^~~~~~~~\n"                                                                                 },
    /* what the sentence does not say is not shown; a word of YAML's own is */
    { "name: hunter2",                                   1, 7,  "/name",                     "`name` must be a text",
     "    1 | name: …\n"
      "      |       ^\n"                                                                                                },
    { "name: true",                                      1, 7,  "/name",                     "`name` must be a text",
     "    1 | name: true\n"
      "      |       ^~~~\n"                                                                                             },
    /* part of what is said, or of a key, is not what is said */
    { "name: tex",                                       1, 7,  "/name",                     "`text` is no name",
     "    1 | name: …\n"
      "      |       ^\n"                                                                                                },
    { "nam: {hos: p}",                                   1, 12, "/name/host",                "",
     "    1 | …: {…: …\n"
      "      |        ^\n"                                                                                               },
    /* quotes, and what is in them */
    { "\"name\": \"a, engine: b\", \"port\": 'x'",       1, 33, "/port",                     "`x` is no port",
     "    1 | \"name\": …: 'x'\n"
      "      |            ^~~\n"                                                                                         },
    { "{\"name\": \"a\\\", engine: b\", \"port\": 'x'}", 1, 36, "/port",                     "`x` is no port",
     "    1 | {\"name\": …, \"port\": 'x' …\n"
      "      |                     ^~~\n"                                                                                },
    /* pointers escape ~ and / */
    { "a/b~c: {y: 1}",                                   1, 8,  "/a~1b~0c",                  "",
     "    1 | a/b~c: { …\n"
      "      |        ^\n"                                                                                               },
    /* columns: a tab is one, wide characters two, an accent of its own none */
    { "\t数据库: { e\xcc\x81ngin: x}",                1, 9,  "#/数据库/e\xcc\x81ngin", "",
     "    1 |  数据库: { e\xcc\x81ngin: …\n"
      "      |            ^~~~~\n"                                                                                       },
    /* libyaml's breaks */
    { "a: 1\rb: 2\r\nc: 3\xc2\x85nam: 4\n",              4, 1,  "#/nam",                     "",
     "    4 | nam: …\n"
      "      | ^~~\n"                                                                                                    },
    /* foreign characters that could do harm */
    { "\x1b[31m: 1",                                     1, 1,  "",                          "`\x1b[31m` is no key",
     "    1 | \\u{1b}[31m: …\n"
      "      | ^~~~~~~~~~\n"                                                                                             },
    /* in and below a secret, at a comment, behind the end: nothing */
    { "secret: { fiel: x }",                             1, 11, "#/targets/db/secret/fiel",  "`fiel` is not a key",   "" },
    { "auditor: x",                                      1, 10, "/targets/db/auditor",       "`x`",                   "" },
    { "# a: 1",                                          1, 1,  "",                          "",                      "" },
    { "a: 1\n",                                          2, 1,  "",                          "",                      "" },
    { "a: 1\n",                                          7, 1,  "",                          "",                      "" },
    { "a: 1\n",                                          1, 99, "",                          "",                      "" },
    { "",                                                1, 1,  "",                          "",                      "" },
};

static void lines_and_carets(void **state)
{
    (void)state;
    for (size_t i = 0; i < HG_COUNT(excerpts); i++) {
        char got[512];

        hg_excerpt(&(struct hg_spot){ excerpts[i].text, excerpts[i].line, excerpts[i].column,
                                      excerpts[i].pointer, excerpts[i].sentence },
                   got, sizeof(got));
        if (strcmp(got, excerpts[i].wanted) != 0) {
            print_error("row %zu: %s\n%s", i, excerpts[i].text, got);
        }
        assert_string_equal(got, excerpts[i].wanted);
    }
}

/* Long lines are cut on the left, so that the word can be seen; 80 columns are the most. */
static void long_lines(void **state)
{
    struct hg_buf text = { 0 };
    char got[512];

    (void)state;
    for (int i = 0; i < 20000; i++) {
        hg_buf_puts(&text, i == 0 ? "{name: a" : ", engine: b");
    }
    hg_buf_puts(&text, ", scpe: 1}");
    hg_excerpt(&(struct hg_spot){ hg_buf_text(&text), 1, (int)text.len - 7, "#/scpe", "" }, got,
               sizeof(got));
    assert_string_equal(
        got,
        "    1 | …gine: …, engine: …, engine: …, engine: …, engine: …, engine: …, scpe: …\n"
        "      |                                                                  ^~~~\n");
    assert_true(strcspn(got, "\n") <= 80 + 2 * 9); /* "…" is one column and three bytes */
    hg_buf_clear(&text);
    for (int i = 0; i < 300; i++) {
        hg_buf_putc(&text, 'x');
    }
    hg_buf_puts(&text, ": 1");
    hg_excerpt(&(struct hg_spot){ hg_buf_text(&text), 1, 1, "", "" }, got, sizeof(got));
    assert_string_equal(got, "    1 | …: …\n      | ^\n");
    hg_buf_done(&text);
}

#define MARK "h2mk"

/* What somebody may have written where it does not belong. */
static const char *const values[] = {
    MARK,
    "\"" MARK "\"",
    "'" MARK "'",
    "\"" MARK "\\\" " MARK "\"",
    "'" MARK "'' engine: " MARK "'",
    MARK "{" MARK ":" MARK ",engine:" MARK "}",
    "mongodb://u:" MARK "@h:1/d?" MARK,
    "a#" MARK " #" MARK,
    "|\n  " MARK ": " MARK,
    "[" MARK ", {" MARK ": " MARK "}]",
    "\"" MARK,
    "? " MARK,
    "- " MARK,
};

static size_t looks;

/* No place of the text, whatever is wrong there, makes the mark be shown. */
static void look_everywhere(const char *text)
{
    int line = 1, column = 1;

    for (const char *p = text; *p != '\0'; p++) {
        char got[512];

        hg_excerpt(&(struct hg_spot){ text, line, column, "", "it is wrong" }, got,
                   sizeof(got));
        looks++;
        if (strstr(got, MARK) != NULL) {
            print_error("%d:%d of\n%s\n%s", line, column, text, got);
        }
        assert_null(strstr(got, MARK));
        column = *p == '\n' ? 1 : column + 1;
        line += *p == '\n';
    }
}

/* Puts values in the place of every word of a plan, one at a time: a third of them, and another
 * third at the next word. */
static void replace_words(const char *text)
{
    static const char ends[] = " \t\n:,[]{}\"'";
    size_t words = 0;

    for (const char *p = text; *p != '\0';) {
        size_t len = strcspn(p, ends);
        const char *from = p - text > 60 ? p - 60 : text, *to;

        for (size_t v = words % 3; len > 0 && v < HG_COUNT(values); v += 3) {
            struct hg_buf changed = { 0 };

            while (from > text && from[-1] != '\n') {
                from--;
            }
            to = strchr(p + len, '\n');
            to = to ? to : p + strlen(p);
            /* The line is what is shown; the text around it is left out to save time. */
            hg_buf_printf(&changed, "%.*s%s%.*s\n", (int)(p - from), from, values[v],
                          (int)(to - p - (long)len), p + len);
            look_everywhere(hg_buf_text(&changed));
            hg_buf_done(&changed);
        }
        words += len > 0;
        p += len > 0 ? len : 1;
    }
}

static int is_plan(const struct dirent *entry)
{
    return strncmp(entry->d_name, "plan-", 5) == 0 && strstr(entry->d_name, ".yaml") != NULL;
}

static void no_place_shows_a_password(void **state)
{
    const char *root = getenv("HEADGATE_ROOT");
    struct dirent **entries = NULL;
    char path[4096];
    int n;

    (void)state;
    snprintf(path, sizeof(path), "%s/fixtures/refused", root ? root : ".");
    n = scandir(path, &entries, is_plan, alphasort);
    assert_true(n > 50);
    for (int i = 0; i < n; i++) {
        struct hg_buf text = { 0 };
        struct hg_error err = { 0 };

        snprintf(path, sizeof(path), "%s/fixtures/refused/%s", root ? root : ".",
                 entries[i]->d_name);
        assert_true(hg_file_read(path, 1 << 20, &text, &err));
        if (text.len < 2000 && strlen(hg_buf_text(&text)) == text.len) {
            replace_words(hg_buf_text(&text));
        }
        hg_buf_done(&text);
        free(entries[i]);
    }
    free(entries);
    assert_true(looks > 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_carets),
        cmocka_unit_test(long_lines),
        cmocka_unit_test(no_place_shows_a_password),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_settle.c - what waits on what, as rows: checks with needs, verdicts before and after. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "rules/rule.h"
#include "unit/unit.h"

/* a needs b, b needs c, x needs a and c, r and s need each other. */
static struct hg_check checks[] = {
    { .id = "a" }, { .id = "b" }, { .id = "c" }, { .id = "r" }, { .id = "s" }, { .id = "x" },
};
static const char *const needs[] = { "[\"b\"]", "[\"c\"]", "[]",
                                     "[\"s\"]", "[\"r\"]", "[\"a\",\"c\"]" };

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < HG_COUNT(checks); i++) {
        checks[i].needs = json_loads(needs[i], 0, NULL);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < HG_COUNT(checks); i++) {
        json_decref(checks[i].needs);
    }
    return 0;
}

static const char *verdict_of_letter(char letter)
{
    return letter == 'P' ? "pass" : letter == 'F' ? "fail" : letter == 'U' ? "unknown" : "skip";
}

/* "aP bF": a passed, b failed. After settling: "aUb bF": a waits on b. */
static void settle(const char *before, struct hg_buf *after)
{
    const struct hg_checks all = { checks, HG_COUNT(checks) };
    json_auto_t *findings = json_array();
    size_t i;
    json_t *f;

    for (const char *p = before; *p != '\0'; p += strcspn(p, " "), p += *p == ' ') {
        char id[2] = { p[0], '\0' };

        json_array_append_new(findings,
                              json_pack("{s:s, s:s, s:s, s:b}", "check", id, "verdict",
                                        verdict_of_letter(p[1]), "sentence", "words",
                                        "as_account", p[2] == '!'));
    }
    hg_settle(findings, &all);
    json_array_foreach (findings, i, f) {
        const char *verdict = json_string_value(json_object_get(f, "verdict"));
        const char *waits = json_string_value(json_object_get(f, "waits_on"));

        hg_buf_printf(after, "%s%s%c%s", i ? " " : "",
                      json_string_value(json_object_get(f, "check")), verdict[0] - 32,
                      waits ? waits : "");
    }
}

static void waits(void **state)
{
    static const char *const rows[][2] = {
        { "aP bP cP",    "aP bP cP"       },
        { "aU bF cP",    "aUb bF cP"      }, /* the ordinary case */
        { "aU bU cF",    "aUc bUc cF"     }, /* followed to the first cause */
        { "aF bF cF",    "aUc bUc cF"     }, /* one cause, one line */
        { "aF bU cU",    "aUc bUc cU"     }, /* what is needed is not known: no answer either */
        { "aF bP cU",    "aUc bUc cU"     },
        { "aS bF cP",    "aS bF cP"       }, /* what does not apply waits on nothing */
        { "aU cF",       "aU cF"          }, /* b was not selected */
        { "rU sU",       "rU sUr"         }, /* a ring ends where it began */
        { "xF aU bU cF", "xUc aUc bUc cF" },
        { "aF bF! cP",   "aF bF cP"       }, /* seen by an auditor: no waiting on the account */
        { "aF! bF! cP",  "aUb bF cP"      },
    };
    struct hg_buf after = { 0 };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        hg_buf_done(&after);
        settle(rows[i][0], &after);
        assert_string_equal(hg_buf_text(&after), rows[i][1]);
    }
    hg_buf_done(&after);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(waits) };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

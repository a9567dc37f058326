/* SPDX-License-Identifier: Apache-2.0 */
/* test_select.c - what words select, what has to be looked at for it, and which ends of a
 * connection are those of a server that is starting. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "model/outcome.h"
#include "run/run.h"
#include "unit/unit.h"

/* a.one <- a.two <- a.three (prove) and a ring: a.four <-> a.five; b.six is of another engine.
 */
static struct hg_check modules[] = {
    { .id = "a.five", .engine = "a", .severity = HG_INFO },
    { .id = "a.four", .engine = "a", .severity = HG_MINOR },
    { .id = "a.one", .engine = "a", .severity = HG_BLOCKER },
    { .id = "a.three", .engine = "a", .severity = HG_MAJOR, .level = HG_LEVEL_PROVE },
    { .id = "a.two", .engine = "a", .severity = HG_MAJOR },
    { .id = "b.six", .engine = "b", .severity = HG_MAJOR },
};
static const char *const needs[] = { "a.four", "a.five", NULL, "a.two", "a.one", "a.one" };
static struct hg_target targets[] = {
    { .id = "first",  .engine = "a" },
    { .id = "second", .engine = "b" },
};
static const struct hg_plan plan = { .targets = targets, .n_targets = 2 };
static const struct hg_checks checks = { modules, HG_COUNT(modules) };

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < HG_COUNT(modules); i++) {
        modules[i].needs = needs[i] ? json_pack("[s]", needs[i]) : json_array();
        modules[i].tags = json_pack("[s, s]", "every", i % 2 ? "odd" : "even");
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < HG_COUNT(modules); i++) {
        json_decref(modules[i].needs);
        json_decref(modules[i].tags);
    }
    return 0;
}

/* "134": the selected ones of a target by their place. */
static const char *chosen(const struct hg_selection *s, const struct hg_target *target,
                          char *ret)
{
    size_t n = 0;

    for (size_t i = 0; i < checks.n; i++) {
        if (hg_selected(s, &plan, &modules[i], target)) {
            ret[n++] = (char)('0' + i);
        }
    }
    ret[n] = '\0';
    return ret;
}

static void words_select(void **state)
{
    static const struct {
        const char *only[3], *skip[2], *target[2], *first, *second;
    } rows[] = {
        { { NULL },            { NULL },    { NULL },       "01234", "5" },
        { { "a.one" },         { NULL },    { NULL },       "2",     ""  },
        { { "a.*" },           { "a.t*" },  { NULL },       "012",   ""  },
        { { "major" },         { NULL },    { NULL },       "34",    "5" },
        { { "odd" },           { NULL },    { NULL },       "13",    "5" },
        { { "even", "b.six" }, { "info" },  { NULL },       "24",    "5" },
        { { "every" },         { "every" }, { NULL },       "",      ""  },
        { { NULL },            { NULL },    { "f*" },       "01234", ""  },
        { { NULL },            { NULL },    { "engine:b" }, "",      "5" },
        { { NULL },            { NULL },    { "engine:*" }, "",      ""  },
    };
    char words[HG_COUNT(modules) + 1];

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        struct hg_selection s = { .only = rows[i].only[0] ? rows[i].only : NULL,
                                  .skip = rows[i].skip[0] ? rows[i].skip : NULL,
                                  .targets = rows[i].target[0] ? rows[i].target : NULL };

        assert_string_equal(chosen(&s, &targets[0], words), rows[i].first);
        assert_string_equal(chosen(&s, &targets[1], words), rows[i].second);
    }
}

static void failures_select(void **state)
{
    json_auto_t *failed = json_pack("{s:{s:b, s:b}}", "first", "a.one", 1, "b.six", 1);
    json_auto_t *none = json_object();
    struct hg_selection s = { .failed = failed };
    char words[HG_COUNT(modules) + 1];

    (void)state;
    assert_string_equal(chosen(&s, &targets[0], words), "2");
    assert_string_equal(chosen(&s, &targets[1], words), "");
    s.failed = none;
    assert_string_equal(chosen(&s, &targets[0], words), "");
}

static void needs_are_looked_at(void **state)
{
    static const struct {
        const char *only, *needed;
        enum hg_level level;
        bool any;
    } rows[] = {
        { "a.one",   "001000", HG_LEVEL_LOOK,  true  },
        { "a.two",   "001010", HG_LEVEL_LOOK,  true  },
        { "a.three", "000000", HG_LEVEL_LOOK,  false }, /* above the level: nothing is asked */
        { "a.three", "001110", HG_LEVEL_PROVE, true  },
        { "a.five",  "110000", HG_LEVEL_LOOK,  true  }, /* in a ring */
        { "b.six",   "000000", HG_LEVEL_LOOK,  false }, /* not of this target */
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        const char *only[] = { rows[i].only, NULL };
        struct hg_selection s = { .only = only };
        bool any, *needed = hg_needed(&s, &plan, &checks, &targets[0], rows[i].level, &any);

        assert_non_null(needed);
        assert_int_equal(any, rows[i].any);
        for (size_t j = 0; j < checks.n; j++) {
            assert_int_equal(needed[j], rows[i].needed[j] == '1');
        }
        free(needed);
    }
}

static void words_are_known(void **state)
{
    static const struct {
        const char *only, *skip, *target, *said; /* said NULL: all is well */
    } rows[] = {
        { "a.*",   "odd", "first",    NULL             },
        { "minor", NULL,  "engine:a", NULL             },
        { "a.onr", NULL,  NULL,
         "--only `a.onr` is no check's id, tag or severity, and "
          "no pattern of one; did you mean `a.one`?"   },
        { NULL,    "c.*", NULL,
         "--skip `c.*` is no check's id, tag or severity, and no "
          "pattern of one; `headgate list` shows them" },
        { NULL,    NULL,  "frist",
         "--target `frist` fits no target of the plan; did you "
          "mean `first`?"                              },
        { NULL,    NULL,  "engine:c",
         "--target `engine:c` fits no target of the plan; there "
          "are first, second"                          },
        { NULL,    NULL,  "plan",
         "--target `plan` fits no target of the plan; there are "
          "first, second"                              },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        const char *only[] = { rows[i].only, NULL }, *skip[] = { rows[i].skip, NULL };
        const char *target[] = { rows[i].target, NULL };
        struct hg_selection s = { .only = only, .skip = skip, .targets = target };
        struct hg_error err = { 0 };
        bool known = hg_selection_known(&s, &plan, &checks, &err);

        assert_int_equal(known, rows[i].said == NULL);
        if (rows[i].said != NULL) {
            assert_string_equal(err.text, rows[i].said);
            assert_int_equal(err.code, HG_E_USAGE);
        }
    }
}

static void some_ends_are_of_a_start(void **state)
{
    static const struct {
        const char *stage, *outcome;
        bool greeted, starting;
    } rows[] = {
        { "connect",  "refused",        false, true  },
        { "connect",  "refused",        true,  true  },
        { "dns",      "name-not-found", false, true  },
        { "dns",      "timeout",        false, true  },
        { "connect",  "timeout",        false, true  },
        { "tls",      "timeout",        false, false },
        { "auth",     "timeout",        false, false },
        { "connect",  "reset",          false, true  },
        { "greeting", "reset",          false, true  },
        { "tls",      "reset",          false, true  },
        { "tls",      "reset",          true,  false }, /* MySQL: a server was there */
        { "auth",     "reset",          false, false }, /* a password may have been sent */
        { "auth",     "starting",       false, true  },
        { "auth",     "login-refused",  false, false },
        { "tls",      "tls-failed",     false, false },
        { "greeting", "protocol",       false, false },
        { "connect",  "unreachable",    false, false },
        { "ready",    "ok",             false, false },
        { NULL,       "refused",        false, false },
        { "connect",  NULL,             false, false },
    };

    (void)state;
    for (size_t i = 0; i < HG_COUNT(rows); i++) {
        assert_int_equal(hg_outcome_starting(rows[i].stage, rows[i].outcome, rows[i].greeted),
                         rows[i].starting);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_select),
        cmocka_unit_test(failures_select),
        cmocka_unit_test(needs_are_looked_at),
        cmocka_unit_test(words_are_known),
        cmocka_unit_test(some_ends_are_of_a_start),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

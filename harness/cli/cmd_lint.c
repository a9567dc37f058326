/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"

/* Every check with examples that do not hold is named, not only the first. */
static size_t lint_all(const struct hg_checks *checks)
{
    size_t bad = 0;

    for (size_t i = 0; i < checks->n; i++) {
        struct hg_error err = { 0 };

        if (!hg_examples_hold(&checks->items[i], &err)) {
            fprintf(stderr, "headgate: %s: %s\n", checks->items[i].path, err.text);
            bad++;
        }
    }
    return bad;
}

static int lint_dir(const char *dir, size_t *n)
{
    struct hg_error err = { 0 };
    HG_AUTO(hg_checks_freep) struct hg_checks *checks = hg_checks_load(dir, &err);
    char profiles[4096];
    int bad = 0;

    if (checks == NULL) {
        return hg_cli_fail(&err);
    }
    *n += checks->n;
    snprintf(profiles, sizeof(profiles), "%s/profiles", dir);
    if (!hg_profiles_fit(profiles, checks, &err)) {
        bad = hg_cli_fail(&err);
    }
    return lint_all(checks) > 0 ? 2 : bad;
}

static int lint_file(const char *path, size_t *n)
{
    struct hg_error err = { 0 };
    struct hg_check check = { 0 };
    int status = 0;

    if (!hg_check_load(path, NULL, &check, &err) || !hg_examples_hold(&check, &err)) {
        status = hg_cli_fail(&err);
    }
    json_decref(check.doc);
    free(check.path);
    *n += 1;
    return status;
}

int hg_cmd_lint(struct hg_cli *cli)
{
    char *dir = hg_cli_checks_dir(cli);
    size_t n = 0;
    int status = 0;

    if (cli->n_operands == 0 && dir != NULL) {
        status = lint_dir(dir, &n);
    }
    free(dir);
    for (size_t i = 0; i < cli->n_operands; i++) {
        struct stat st;
        bool is_dir = stat(cli->operands[i], &st) == 0 && S_ISDIR(st.st_mode);
        int one = is_dir ? lint_dir(cli->operands[i], &n) : lint_file(cli->operands[i], &n);

        status = one > status ? one : status;
    }
    if (status == 0) {
        printf("%zu checks: well-formed, and every example holds\n", n);
    }
    return fflush(stdout) == 0 ? status : 70;
}

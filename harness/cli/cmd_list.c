/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"

int hg_cmd_list(struct hg_cli *cli)
{
    char *dir = hg_cli_checks_dir(cli);
    struct hg_error err = { 0 };
    HG_AUTO(hg_loaded_done) struct hg_loaded loaded = { 0 };
    const struct hg_checks *checks;
    struct hg_plan everything = { 0 };
    size_t n = 0;

    checks = loaded.checks = dir ? hg_checks_load(dir, &err) : NULL;
    free(dir);
    if (checks == NULL || !hg_cli_select(cli, &loaded, &err)) {
        return hg_cli_fail(&err);
    }
    for (size_t i = 0; i < checks->n; i++) {
        const struct hg_check *check = &checks->items[i];
        struct hg_target any = { .id = "", .engine = check->engine };

        if (hg_selected(&loaded.selection, &everything, check, &any)) {
            printf("%-38s %-8s %s\n", check->id, hg_severity_name(check->severity),
                   check->title);
            n++;
        }
    }
    if (fflush(stdout) != 0) {
        return 70;
    }
    return n > 0 ? 0 : 5;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "model/plan.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

const char *const *hg_vantage_names(void)
{
    static const char *const names[] = { "inside", "tunnel", "outside", NULL };

    return names;
}

bool hg_vantage_known(const char *name)
{
    const char *const *names = hg_vantage_names();

    while (*names != NULL && strcmp(*names, name) != 0) {
        names++;
    }
    return *names != NULL;
}

const struct hg_range *hg_plan_stream(const struct hg_plan *plan)
{
    size_t i;
    json_t *profile;

    json_array_foreach (plan->profiles, i, profile) {
        for (size_t j = 0; j < plan->n_ranges; j++) {
            if (strcmp(plan->ranges[j].name, json_string_value(profile)) == 0) {
                return &plan->ranges[j];
            }
        }
    }
    return plan->n_ranges == 1 ? &plan->ranges[0] : NULL;
}

void hg_plan_free(struct hg_plan *plan)
{
    if (plan != NULL) {
        json_decref(plan->doc);
        for (size_t i = 0; i < plan->n_waivers; i++) {
            free(plan->waivers[i].problem);
        }
        free(plan->path);
        for (size_t i = 0; i < plan->n_ranges; i++) {
            json_decref(plan->ranges[i].cidrs);
            free(plan->ranges[i].mysql_host);
        }
        free(plan->ranges);
        free(plan->targets);
        free(plan->waivers);
        free(plan);
    }
}

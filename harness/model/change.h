/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* change.h - what became of one check on one target from one run to another. */

#include "model/finding.h"

/* Trouble is a failure or an unknown. */
enum hg_change {
    HG_SAME,       /* no trouble then, none now */
    HG_UNCHANGED,  /* trouble then, and now: also a failure that can no longer be looked at */
    HG_FIXED,      /* trouble or waived then, passes now */
    HG_BETTER,     /* still trouble, of a lower severity */
    HG_NEW_WAIVED, /* waived now, and not then */
    HG_LOST,       /* looked at then; now it is not there or does not apply: nobody knows */
    HG_WORSE,      /* unknown then, fails now; or of a higher severity */
    HG_NEW,        /* trouble now, and none then (passed, waived, not there) */
};
#define HG_CHANGES 8

/* "new", "no longer looked at"; parses the names. */
const char *hg_change_name(enum hg_change change);
HG_MUST_CHECK bool hg_change_parse(const char *name, enum hg_change *ret);

/* One run's word on it; `there` is false when that run has no such finding. */
struct hg_stand {
    bool there;
    enum hg_verdict verdict;
    enum hg_severity severity;
};
enum hg_change hg_change_of(struct hg_stand was, struct hg_stand now);

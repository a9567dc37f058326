/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* internal.h - shared by the files of this folder only. */

#include "base/buf.h"
#include "probes/common/probe.h"

/* Removes the passwords of this target from a text. */
void hg_probe_scrub(const struct hg_probe *probe, struct hg_buf *text);

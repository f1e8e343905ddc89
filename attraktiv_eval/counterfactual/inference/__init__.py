"""Inference by placebo: one test with three uses, and the tests that stand beside it."""

from attraktiv_eval.counterfactual.inference.conformal import Conformal, conformal_interval, conformal_p_value
from attraktiv_eval.counterfactual.inference.event_study import DriftTest, EventStudy, drift_test, event_study
from attraktiv_eval.counterfactual.inference.leave_one_out import LeaveOneOut, leave_one_out
from attraktiv_eval.counterfactual.inference.placebo_in_space import placebo_in_space, wider
from attraktiv_eval.counterfactual.inference.placebo_in_time import (
    placebo_in_time,
    pseudo_design,
    pseudo_effects,
)
from attraktiv_eval.counterfactual.inference.placebos import Placebos

__all__ = [
    "Conformal",
    "DriftTest",
    "EventStudy",
    "LeaveOneOut",
    "Placebos",
    "conformal_interval",
    "conformal_p_value",
    "drift_test",
    "event_study",
    "leave_one_out",
    "placebo_in_space",
    "placebo_in_time",
    "pseudo_design",
    "pseudo_effects",
    "wider",
]

"""Times a question and reads how much memory this process needs. Linux only."""

import statistics
import time

# A question whose first run takes longer than this is asked only once more.
PATIENCE_SECONDS = 60


def measure(ask, repeat):
    """Asks once to warm up, then `repeat` times; seconds of each, and the peak of memory meanwhile."""
    started = time.perf_counter()
    ask()
    if time.perf_counter() - started > PATIENCE_SECONDS:
        repeat = 1
    forget_peak()
    seconds = []
    for _ in range(repeat):
        started = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - started)
    return {
        "median": statistics.median(seconds),
        "runs": seconds,
        "peak_bytes": status_bytes("VmHWM"),
    }


def forget_peak():
    """Lets the peak of memory begin anew from what is held now."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def status_bytes(field):
    """A field of this process's status, such as VmHWM (the peak) or VmRSS (now), in bytes."""
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    return 0

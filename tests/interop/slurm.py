#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""examples/batch/slurm.sh on a Slurm of one node, started for this test on
the loopback: tasks are killed, requeued and lost, and the merged report is
byte for byte that of one process.

    usage: slurm.py PICKET        prints TAP; needs root, slurm-wlm, munge
"""
import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "examples/batch/slurm.sh"
NEEDED = ("munged", "munge", "slurmctld", "slurmd", "sbatch", "scontrol", "squeue")
FILES, UNIT_FILES = 3600, 600

# What each first attempt at a unit meets; the others go on undisturbed.
KILLED, REQUEUED, LOST = 1, 2, 3

# Runs picket, and stops it within units that the test is to hit: who is
# stopped cannot be done before.
WRAPPER = """#!/bin/bash
unit=$(printf '%%s\\n' "$@" | sed -n '/^--unit$/{n;p}')
case "$1 $unit ${SLURM_RESTART_COUNT:-0}" in
"work %d 0" | "work %d 0" | "work %d 0") [ ! -e %s/again ] || exec "%s" "$@" ;;
*) exec "%s" "$@" ;;
esac
"%s" "$@" &
until cat %s/results/.unit-$unit.*.part 2>/dev/null | grep -q .; do kill -0 $! || break; done
kill -STOP $! && echo $! >%s/stopped.$unit.new && mv %s/stopped.$unit.new %s/stopped.$unit
wait $!
"""

CONF = """ClusterName=picket
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
AuthType=auth/munge
AuthInfo=socket={dir}/munge.sock
CredType=cred/munge
StateSaveLocation={dir}/state
SlurmdSpoolDir={dir}/spool
SlurmctldPidFile={dir}/slurmctld.pid
SlurmdPidFile={dir}/slurmd.pid
SlurmctldLogFile={dir}/slurmctld.log
SlurmdLogFile={dir}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MaxArraySize=10001
JobRequeue=1
KillWait=2
SlurmctldTimeout=30
SlurmdTimeout=30
PropagateResourceLimits=NONE
NodeName={host} NodeAddr=127.0.0.1 NodeHostname={host} CPUs={cpus} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""

cases = 0
failed = 0


def check(ok, what):
    global cases, failed
    cases += 1
    failed += not ok
    print("%s %d %s" % ("ok" if ok else "not ok", cases, what), flush=True)


def until(what, seconds=30, pause=0.1):
    """Whatever what() returns once it is something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = what()
        if got:
            return got
        time.sleep(pause)
    return None


def output(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    return done.stdout.strip()


def start(log, *command):
    """A daemon in the foreground: a child of this process, and of no init."""
    return subprocess.Popen(command, stdin=subprocess.DEVNULL,
                            stdout=log, stderr=log)


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def free_ports(n):
    socks = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [s.getsockname()[1] for s in socks]
    for s in socks:
        s.close()
    return ports


class Slurm:
    def __init__(self, folder):
        self.dir = folder
        self.daemons = []
        self.host = output("hostname", "-s")

    def munge(self, log):
        d = self.dir
        key = d / "munge.key"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o400)
        self.daemons.append(start(
            log, "munged", "--force", "--foreground", "--key-file=%s" % key,
            "--socket=%s/munge.sock" % d, "--pid-file=%s/munge.pid" % d,
            "--log-file=%s/munge.log" % d, "--seed-file=%s/munge.seed" % d))
        return until(lambda: (d / "munge.sock").exists())

    def begin(self):
        d = self.dir
        log = open(d / "daemons.log", "wb")
        if not self.munge(log):
            return "munged does not start"
        for name in ("state", "spool"):
            (d / name).mkdir()
        conf = d / "slurm.conf"
        conf.write_text(CONF.format(host=self.host, dir=d,
                                    ports=free_ports(2), cpus=os.cpu_count()))
        os.environ["SLURM_CONF"] = str(conf)
        self.daemons.append(start(log, "slurmctld", "-D", "-c", "-f", conf))
        self.daemons.append(start(log, "slurmd", "-D", "-f", conf,
                                  "-N", self.host))
        if not until(lambda: "idle" in output("sinfo", "-h", "-o", "%T")):
            return "no node becomes idle"
        return None

    def own(self):
        """Processes of jobs, which slurmstepd made, and it itself."""
        mark = str(self.dir).encode()
        for proc in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = ((proc / "cmdline").read_bytes()
                         + (proc / "environ").read_bytes())
            except OSError:
                continue
            if mark in words and int(proc.name) != os.getpid():
                yield int(proc.name)

    def end(self):
        output("scancel", "--user=root", "--signal=KILL", "--full")
        output("scontrol", "shutdown")
        for daemon in reversed(self.daemons):
            try:
                daemon.wait(timeout=5)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        own = [d.pid for d in self.daemons]
        for pid in self.own():
            if pid not in own:
                kill(pid)


def jobs(number):
    return output("squeue", "-h", "-r", "-j", number, "-o", "%i %T").split("\n")


def is_over(number):
    return jobs(number) == [""]


def release(number, unit):
    """Slurm lets a requeued task wait two minutes."""
    task = "%s_%d" % (number, unit)

    def requeued():
        text = output("scontrol", "show", "job", task)
        return "Restarts=1" in text and "JobState=PENDING" in text
    if not until(requeued):
        return False
    # The end of the first attempt, heard late, would be taken for the end of
    # the next: what those two minutes are for.
    time.sleep(3)
    output("scontrol", "update", "jobid=" + task, "StartTime=now")
    return True


def stopped(batch, unit):
    path = batch / ("stopped.%d" % unit)
    return until(lambda: path.exists() and int(path.read_text()))


def parents(pid):
    """Up to the script of the task."""
    while pid > 1:
        status = pathlib.Path("/proc/%d/status" % pid).read_text()
        pid = int(re.search(r"^PPid:\s*(\d+)", status, re.M).group(1))
        words = pathlib.Path("/proc/%d/cmdline" % pid).read_bytes()
        yield pid
        if b"slurm_script" in words:
            return


def submit(*words):
    """The numbers of the array and of the merge, or None."""
    found = re.fullmatch(r"(\d+) (\d+)", output(SCRIPT, *map(str, words)))
    return found.groups() if found else None


def hit(array, batch):
    picket = stopped(batch, KILLED)
    check(picket, "a task is at work")
    if picket:
        kill(picket)
    check(release(array, KILLED), "picket is killed: the script requeues it")

    picket = stopped(batch, REQUEUED)
    output("scontrol", "requeue", "%s_%d" % (array, REQUEUED))
    check(release(array, REQUEUED), "a running task is requeued")

    picket = stopped(batch, LOST)
    for pid in [*parents(picket), picket] if picket else ():
        kill(pid)
    check(picket, "a task is lost, script and all")


def make_tree(folder):
    folder.mkdir()
    for i in range(FILES):
        (folder / ("%d.pkl" % i)).write_bytes(
            b"cos\nsystem\n(S'echo inert'\ntR." if i % 3 == 0
            else b"\x80\x02]q\x00(K\x01K\x02e.")


def whole(picket, tree):
    return subprocess.run((picket, "scan", "--no-timestamps", "-f", "json", tree),
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False).stdout


def run_batch(picket, folder):
    tree, batch = folder / "tree", folder / "batch"
    make_tree(tree)
    batch.mkdir()
    wrapper = folder / "picket"
    wrapper.write_text(WRAPPER % (KILLED, REQUEUED, LOST, batch, picket, picket,
                                  picket, batch, batch, batch, batch))
    wrapper.chmod(0o755)
    os.environ.update(PICKET=str(wrapper), PICKET_TASKS="2",
                      PICKET_PLAN="--unit-files %d" % UNIT_FILES)
    numbers = submit("submit", batch, tree)
    check(numbers, "a batch is submitted")
    if not numbers:
        return
    hit(numbers[0], batch)
    check(until(lambda: is_over(numbers[1]), 40), "it comes to its end")
    log = (batch / "log/merge.log").read_text()
    check(not (batch / "report.json").exists() and "\n%d\n" % LOST in "\n" + log,
          "the lost unit is missing, and no other")
    for unit in (KILLED, REQUEUED):
        text = (batch / ("log/%d.log" % unit)).read_text()
        check("an earlier attempt had" in text,
              "unit %d went on where it was ended" % unit)
    (batch / "again").touch()
    numbers = submit("again", batch)
    check(numbers and until(lambda: is_over(numbers[1]), 40),
          "what is missing is done again")
    merged = batch / "report.json"
    check(merged.exists() and merged.read_bytes() == whole(picket, tree),
          "the report is that of one process")


def show(folder):
    for path in sorted(folder.glob("batch/log/*")) + [folder / "slurmctld.log",
                                                      folder / "daemons.log"]:
        if path.exists():
            tail = path.read_text(errors="replace").splitlines()[-15:]
            print("\n".join("# %s: %s" % (path.name, l) for l in tail))


def main():
    picket = os.path.abspath(sys.argv[1])
    missing = [p for p in NEEDED if not shutil.which(p)]
    if os.getuid() != 0 or missing:
        print("ok 1 # SKIP %s" % ("not root" if not missing else
                                  "there is no " + ", ".join(missing)))
        return 0
    for name in [n for n in os.environ if n.startswith(("SLURM", "SBATCH", "PICKET"))]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        slurm = Slurm(folder)
        try:
            wrong = slurm.begin()
            check(not wrong, "Slurm starts" + (": " + wrong if wrong else ""))
            if not wrong:
                run_batch(picket, folder)
        finally:
            slurm.end()
        if failed:
            show(folder)
        check(not list(slurm.own()), "nothing is left of it")
    print("1..%d" % cases)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

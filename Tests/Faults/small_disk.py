"""A disk of its own under a state folder, to be filled, freed and made read-only: tmpfs, or ext4 in a file (root)."""

import os
import shutil
import subprocess


class SmallDisk:
    """Takes the place of the folder, with what is in it, until `give_back`. Nobody may use the folder meanwhile."""

    def __init__(self, path, kind, mebibytes):
        self.path, self.kind = path, kind
        self.kept = path + ".before"
        self.filler = os.path.join(path, "filler")
        os.rename(path, self.kept)
        os.makedirs(path, mode=0o700)
        if kind == "tmpfs":
            self.command("mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=0700", "tmpfs", path)
        else:
            image = path + ".ext4"
            with open(image, "wb") as file:
                file.truncate(mebibytes << 20)
            self.command("mkfs.ext4", "-q", "-F", "-m", "0", image)
            self.command("mount", "-o", "loop", image, path)
            os.chmod(path, 0o700)
        self.command("cp", "-a", self.kept + "/.", path)

    @staticmethod
    def command(*words):
        subprocess.run(words, check=True, capture_output=True, timeout=60)

    def fill(self):
        """Down to the last block, as somebody's videos would."""
        with open(self.filler, "ab", buffering=0) as file:
            for size in (1 << 20, 4096, 512):
                try:
                    while file.write(b"\0" * size) == size:
                        pass
                except OSError:
                    pass

    def free(self):
        os.unlink(self.filler)

    def read_only(self, isReadOnly):
        self.command("mount", "-o", "remount,ro" if isReadOnly else "remount,rw", self.path)

    def give_back(self):
        """What is on it goes back to the old folder, and nothing else: an old WAL must not lie beside a newer database."""
        shutil.rmtree(self.kept)
        shutil.copytree(self.path, self.kept)
        self.remove()
        os.rmdir(self.path)
        os.rename(self.kept, self.path)

    def remove(self):
        subprocess.run(["umount", "-l", self.path], check=False, capture_output=True)


def small_disk(run, path, kind, mebibytes=96):
    """None, and a line in the log, where nothing can be mounted."""
    try:
        return SmallDisk(path, kind, mebibytes)
    except (subprocess.CalledProcessError, OSError) as error:
        run.log(f"no {kind} of its own: {error}")
        if os.path.ismount(path):
            subprocess.run(["umount", "-l", path], check=False)
        os.rmdir(path)
        os.rename(path + ".before", path)
        return None

package sqlstore

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/portico-authz/portico/engine"
)

// lockFile makes this process the only one that uses database, until release
// is called or the process ends, however it ends: the kernel drops the lock.
// The file stays, since removing it would let two processes lock two files of
// one name.
func lockFile(database string) (release func() error, err error) {
	name := database + ".lock"
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the database: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		defer func() { _ = file.Close() }()
		return nil, engine.Errorf(engine.Conflict, "the database %s is in use by %s; stop it, or use --server",
			database, holder(name))
	}
	if err == nil {
		err = errors.Join(file.Truncate(0), writePID(file))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock the database: %w", err), file.Close())
	}
	return file.Close, nil
}

func writePID(file *os.File) error {
	_, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// holder says who wrote the lock file. It may be empty for a moment.
func holder(name string) string {
	text, err := os.ReadFile(name)
	pid := strings.TrimSpace(string(text))
	if err != nil || pid == "" {
		return "another process"
	}
	return "process " + pid
}

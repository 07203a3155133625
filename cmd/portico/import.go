package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// importer is one import on its way.
type importer struct {
	partner, as, run string
	apply            bool
	out, notes       *printer
}

func newImport(c *common) *cobra.Command {
	var im importer
	cmd := &cobra.Command{
		Use:   "import FOLDER",
		Short: "Move staff, folders, accounts and access in from CSV files",
		Long: `Read CSV files of a folder into one partner, as a person who may do so. Files and
columns that are optional may be missing; the order of columns doesn't matter:
` + describeSheets() + `
Every row is looked at before anything is written. Without --apply that is all:
it tells what is there already and what would be made. With --apply each row is
an operation of its own, journaled like any other. What was interrupted goes on
where it stopped when it is called again, and repeating a whole import changes
nothing; to do the same rows again after some of it was undone on purpose, give
it another --run. Staff get invitations, and reach nothing until they accept.`,
		Example: `  portico import ./acme --partner acme --as user:ana@acme.example
  portico import ./acme --partner acme --as user:ana@acme.example --apply`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			im.out, im.notes = newPrinter(cmd.OutOrStdout()), newPrinter(cmd.ErrOrStderr())
			actor, err := parseActor(im.as) // require has seen to it that there is one
			if err != nil {
				return err
			}
			return c.with(cmd, func(ctx context.Context, a *app) error {
				return im.do(ctx, a, actor, args[0])
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&im.partner, "partner", "", "the partner's id")
	flags.StringVar(&im.as, "as", "", "the person who does it, such as user:ana@acme.example")
	flags.BoolVar(&im.apply, "apply", false, "do it; otherwise it is only told")
	flags.StringVar(&im.run, "run", "1", "a name, so that the same rows can be done again")
	require(cmd, "partner", "as")
	storeFlags(cmd)
	return cmd
}

func describeSheets() string {
	var b strings.Builder
	for _, kind := range sheetKinds {
		fmt.Fprintf(&b, "\n  %s\n", kind.file)
		for _, c := range kind.columns {
			need := ""
			if c.need {
				need = " (required)"
			}
			fmt.Fprintf(&b, "    %-8s %s%s\n", c.name, c.doc, need)
		}
	}
	return b.String()
}

func (im *importer) do(ctx context.Context, a *app, actor engine.Actor, folder string) error {
	sheets, problems, err := readSheets(folder)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return im.refuse(problems)
	}
	dir, err := readDirectory(ctx, a.engine, actor, schema.Domain(im.partner))
	if err != nil {
		return err
	}
	plan := newImportPlan(a.portal, dir, time.Now())
	for _, s := range sheets {
		plan.take(s)
	}
	if len(plan.problems) > 0 {
		return im.refuse(plan.problems)
	}
	todo := im.preview(plan, sheets)
	if todo == 0 || !im.apply {
		return im.out.err
	}
	return im.carryOut(ctx, a, actor, plan, sheets)
}

func readSheets(folder string) ([]sheet, []rowProblem, error) {
	var (
		sheets   []sheet
		problems []rowProblem
		rows     int
	)
	for _, kind := range sheetKinds {
		s, wrong, err := readSheet(folder, kind)
		if err != nil {
			return nil, nil, err
		}
		sheets, problems, rows = append(sheets, s), append(problems, wrong...), rows+len(s.rows)
	}
	if rows == 0 && len(problems) == 0 {
		return nil, nil, usageError("%s has no rows to import; see portico import --help for its files", folder)
	}
	return sheets, problems, nil
}

// maxTold is how many problems or notes are printed.
const maxTold = 50

func (im *importer) refuse(problems []rowProblem) error {
	im.tell(problems)
	im.notes.f("portico: %s; nothing was changed\n", plural(len(problems), "problem"))
	return errors.Join(errReported, im.notes.err)
}

func (im *importer) tell(list []rowProblem) {
	for i, p := range list {
		if i == maxTold {
			im.notes.f("… and %d more\n", len(list)-maxTold)
			return
		}
		im.notes.f("%s\n", p)
	}
}

// preview tells what is there and what is not, and returns how many operations
// that takes.
func (im *importer) preview(plan *importPlan, sheets []sheet) int {
	counts := map[string][2]int{}
	todo := 0
	for _, t := range plan.tasks {
		n := counts[t.row.file]
		if t.op == nil {
			n[0]++
		} else {
			n[1]++
			todo++
		}
		counts[t.row.file] = n
	}
	rows := [][]string{{"FILE", "ROWS", "STEPS", "THERE ALREADY", "TO DO"}}
	for _, s := range sheets {
		n := counts[s.file]
		rows = append(rows, []string{s.file, fmtValue(len(s.rows)), fmtValue(n[0] + n[1]), fmtValue(n[0]), fmtValue(n[1])})
	}
	im.tell(plan.notes)
	im.out.table(rows)
	switch {
	case todo == 0:
		im.out.f("Everything is there already.\n")
	case !im.apply:
		im.out.f("Nothing was changed. %s to do; add --apply to do it.\n", plural(todo, "operation"))
	}
	return todo
}

// carryOut does the tasks in order. A row that is refused doesn't keep the
// others back; a store or graph out of reach ends it, to be gone on with later.
func (im *importer) carryOut(ctx context.Context, a *app, actor engine.Actor, plan *importPlan, sheets []sheet) error {
	progress := newMeter(im.notes.w, a.log, "importing")
	defer progress.done()
	var (
		did     int
		earlier int
		refused []rowProblem
		keys    = newImportKeys(im.run, sheets)
	)
	for i, t := range plan.tasks {
		progress.set(i, len(plan.tasks))
		key := keys.next(t.row)
		if t.op == nil {
			continue
		}
		result, err := a.engine.Do(ctx, actor, t.op, &engine.DoOptions{IdempotencyKey: key, Reason: "import of " + t.row.file})
		switch code := engine.CodeOf(err); {
		case err == nil && result.Epoch <= plan.dir.epoch:
			earlier++ // an earlier call did it, and somebody undid it since
		case err == nil:
			did++
		case ctx.Err() != nil, code == engine.Unavailable, code == engine.Internal:
			im.out.f("Stopped at %s:%d after %s; call it again to go on.\n", t.row.file, t.row.line, plural(did, "operation"))
			return err
		default:
			refused = append(refused, t.row.problem("%s", engine.MessageOf(err)))
		}
	}
	im.out.f("Done: %s, %d refused.\n", plural(did, "operation"), len(refused))
	if earlier > 0 {
		im.out.f("Not repeated: %s that this import did before and somebody undid; name another --run to do so.\n", plural(earlier, "operation"))
	}
	if len(refused) > 0 {
		im.tell(refused)
		return errors.Join(errReported, im.notes.err)
	}
	return im.out.err
}

// importKeys makes the idempotency keys of tasks: the same file's same row has
// one effect, however often it is imported in one run's name.
type importKeys struct {
	run     string
	digests map[string][sha256.Size]byte
	parts   map[string]int // tasks of a row, so far
}

func newImportKeys(run string, sheets []sheet) importKeys {
	k := importKeys{run: run, digests: map[string][sha256.Size]byte{}, parts: map[string]int{}}
	for _, s := range sheets {
		k.digests[s.file] = s.digest
	}
	return k
}

func (k importKeys) next(r row) string {
	place := fmt.Sprintf("%s:%d", r.file, r.line)
	k.parts[place]++
	digest := k.digests[r.file]
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %x %q %d", k.run, digest, place, k.parts[place]))
	return "import-" + hex.EncodeToString(sum[:])
}

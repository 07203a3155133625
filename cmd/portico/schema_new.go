package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/portico-authz/portico/adapters/spicedb/zed"
	"github.com/portico-authz/portico/schema"
)

func newSchemaNew() *cobra.Command {
	var from, name string
	cmd := &cobra.Command{
		Use:   "new FOLDER",
		Short: "Make a portal of your own from one that is there",
		Long: `Copy a portal's three files, by name or folder, into a new folder, under a name of
its own. Nothing is made if the folder has something in it, or if the portal isn't
sound.`,
		Example: `  portico schema new ./harbour
  portico schema new ./harbour --from agency --name harbour_office`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if name == "" {
				name = strings.ReplaceAll(strings.ToLower(filepath.Base(filepath.Clean(args[0]))), "-", "_")
			}
			if err := copyPortal(from, args[0], name); err != nil {
				return err
			}
			out := newPrinter(cmd.OutOrStdout())
			out.f("%s is a copy of %s now, called %s. Edit it; then\n\n  portico schema check %s\n  portico serve --portal %s\n",
				args[0], from, name, args[0], args[0])
			return out.err
		},
	}
	cmd.Flags().StringVar(&from, "from", "agency", "the portal to copy: a name or a folder")
	cmd.Flags().StringVar(&name, "name", "", "what the new one is called, in a-z, 0-9 and _ (default: as its folder)")
	return cmd
}

// portalLine is where portal.yaml says what the portal is called.
var portalLine = regexp.MustCompile(`(?m)^portal:[ \t]*[^\s#]+`)

// copyPortal copies a portal's files into a folder that is empty or isn't there,
// all or none, and gives the copy a name.
func copyPortal(from, folder, name string) error {
	files, err := portalFiles(from)
	if err != nil {
		return err
	}
	if present, err := os.ReadDir(folder); err == nil && len(present) > 0 {
		return usageError("%s has something in it: name a folder that is empty, or not there yet", folder)
	}
	parent := filepath.Dir(filepath.Clean(folder))
	if err := os.MkdirAll(parent, 0o755); err != nil { //nolint:gosec // as mkdir does; the umask decides
		return fmt.Errorf("make %s: %w", parent, err)
	}
	draft, err := os.MkdirTemp(parent, ".portal-")
	if err != nil {
		return fmt.Errorf("make %s: %w", folder, err)
	}
	defer func() { _ = os.RemoveAll(draft) }() // nothing is there any more, if all went well
	if err := writePortal(files, draft, name); err != nil {
		return err
	}
	if _, err := schema.Load(os.DirFS(draft), zed.Compile); err != nil {
		return fmt.Errorf("%s, called %s: %w", from, name, err)
	}
	if err := os.Chmod(draft, 0o755); err != nil { //nolint:gosec // a temporary folder is for its owner only
		return fmt.Errorf("make %s: %w", folder, err)
	}
	_ = os.Remove(folder) // an empty one; if it can't be, renaming says so
	if err := os.Rename(draft, folder); err != nil {
		return fmt.Errorf("make %s: %w", folder, err)
	}
	return nil
}

func writePortal(files fs.FS, folder, name string) error {
	for _, file := range []string{schema.SchemaFile, schema.PortalFile, schema.ProofFile} {
		text, err := fs.ReadFile(files, file)
		if err != nil {
			return fmt.Errorf("read %s: %w", file, err)
		}
		if file == schema.PortalFile {
			text = portalLine.ReplaceAll(text, []byte("portal: "+name))
		}
		if err := os.WriteFile(filepath.Join(folder, file), text, 0o644); err != nil { //nolint:gosec // no secret is in it
			return fmt.Errorf("write %s: %w", file, err)
		}
	}
	return nil
}

// Holds proofs of ours to an implementation that is not: transparency-dev/merkle, which Trillian and Sigstore use.
//
// Reads a JSON object a line, and prints how many of each kind hold; ends with 1 at the first that does not.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

// Line is a proof; hashes are in base64, as encoding/json has bytes.
type Line struct {
	Kind      string
	Index     uint64
	Size      uint64
	First     uint64
	Leaf      []byte
	Root      []byte
	FirstRoot []byte
	Proof     [][]byte
}

func verify(line Line) error {
	if line.Kind == "inclusion" {
		return proof.VerifyInclusion(rfc6962.DefaultHasher, line.Index, line.Size, line.Leaf, line.Proof, line.Root)
	}
	return proof.VerifyConsistency(rfc6962.DefaultHasher, line.First, line.Size, line.Proof, line.FirstRoot, line.Root)
}

func main() {
	counts := map[string]int{}
	lines := json.NewDecoder(os.Stdin)
	for {
		var line Line
		err := lines.Decode(&line)
		if err == io.EOF {
			break
		}
		if err == nil {
			err = verify(line)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, line.Kind, line.Index, line.First, line.Size, err)
			os.Exit(1)
		}
		counts[line.Kind]++
	}
	fmt.Println(counts["inclusion"], counts["consistency"])
}

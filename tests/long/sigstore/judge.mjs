// A second opinion on checkpoints and inclusion proofs, by @sigstore/verify: one proof a line in, one verdict a line out.
//
// A proof is {"entry", "index", "path", "checkpoint", "vkey"}, bytes in base64; a verdict is {"ok": true}, or
// {"ok": false, "error": "..."}. What is asked is what it asks of an entry of a Rekor log: that a trusted log's key
// signed the checkpoint, and that the path leads from the entry's bytes to the root that the checkpoint states.
import { createPublicKey } from 'node:crypto';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(import.meta.url);
const { verifyTLogInclusion } = require('@sigstore/verify/dist/tlog/index.js');
const { version } = require('@sigstore/verify/package.json');

// SubjectPublicKeyInfo of an Ed25519 key up to the key itself (RFC 8410 section 4).
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

function logOf(vkey) {
	const [name, id, key] = vkey.split(/\+(?=[0-9a-f]{8}\+)|(?<=\+[0-9a-f]{8})\+/);
	const raw = Buffer.from(key, 'base64').subarray(1);
	return {
		logID: Buffer.from(id, 'hex'),
		baseURL: name,
		publicKey: createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' }),
		validFor: { start: new Date(0), end: new Date(8640000000000000) },
	};
}

function judge({ entry, index, path, checkpoint, vkey }) {
	try {
		const inclusionProof = {
			logIndex: String(index),
			hashes: path.map((hash) => Buffer.from(hash, 'base64')),
			checkpoint: { envelope: checkpoint },
		};
		verifyTLogInclusion({ canonicalizedBody: Buffer.from(entry, 'base64'), inclusionProof }, [logOf(vkey)]);
		return { ok: true };
	} catch (error) {
		return { ok: false, error: `${error.code ?? error.name}: ${error.message}` };
	}
}

process.stdout.write(JSON.stringify({ version }) + '\n');
for await (const line of createInterface({ input: process.stdin })) {
	process.stdout.write(JSON.stringify(judge(JSON.parse(line))) + '\n');
}

// Checking a log's proof in a browser: C2SP signed notes and checkpoints, RFC 6962 inclusion proofs.
//
// Everything from outside is read strictly: what two readers could understand in two ways is refused. Nothing here
// knows of a page; `subtle` is the browser's SubtleCrypto, which exists on https pages and on localhost alone.
//
// https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint, https://c2sp.org/tlog-proof

const HASH_SIZE = 32; // bytes
const KEY_ID_SIZE = 4; // bytes
const ED25519 = 1; // signature type
const DECIMAL = /^(0|[1-9][0-9]{0,14})$/; // below 2^53
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;
const UTF8 = new TextEncoder();

/** What is wrong with a proof; `kind` is `format`, `other` (of something else), `path`, `root` or `signature`. */
export class ProofError extends Error {
	constructor(message, kind) {
		super(message);
		this.kind = kind;
	}
}

function refuse(message, kind = 'format') {
	throw new ProofError(message, kind);
}

/** Decode base64 in its one proper spelling. */
export function fromBase64(text) {
	let binary = null;
	try {
		binary = typeof text === 'string' ? atob(text) : null;
	} catch {
		// told below
	}
	if (binary === null || btoa(binary) !== text) {
		refuse(`not base64: ${String(text).slice(0, 60)}`);
	}
	return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

export function asHex(bytes) {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function same(one, other) {
	return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function hashOf(text) {
	const bytes = fromBase64(text);
	if (bytes.length !== HASH_SIZE) {
		refuse(`not a hash of ${HASH_SIZE} bytes: ${text}`);
	}
	return bytes;
}

function joined(...parts) {
	const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}

async function sha256(subtle, ...parts) {
	return new Uint8Array(await subtle.digest('SHA-256', joined(...parts)));
}

/** Parse a signed note into its text and its signature lines; nothing is verified. */
export function parseNote(note) {
	const divider = typeof note === 'string' ? note.lastIndexOf('\n\n') : -1;
	if (divider < 0 || !note.endsWith('\n') || CONTROL.test(note)) {
		refuse('not a signed note');
	}
	const lines = note.slice(divider + 2, -1).split('\n');
	const signatures = lines.map((line) => {
		const found = /^\u2014 ([^\s+]+) (\S+)$/u.exec(line) ?? refuse('not a signature line');
		const value = fromBase64(found[2]);
		if (value.length <= KEY_ID_SIZE) {
			refuse('a signature line without a signature');
		}
		return { name: found[1], keyId: value.slice(0, KEY_ID_SIZE), signature: value.slice(KEY_ID_SIZE) };
	});
	return { text: note.slice(0, divider + 1), signatures };
}

/** Parse the text of a checkpoint. */
export function parseCheckpoint(text) {
	const lines = text.split('\n');
	if (lines.pop() !== '' || lines.length < 3 || lines.some((line) => line === '') || !DECIMAL.test(lines[1])) {
		refuse('not a checkpoint');
	}
	return { origin: lines[0], size: Number(lines[1]), root: hashOf(lines[2]) };
}

/** Parse a verifier key, name+id+base64, of an Ed25519 key. */
export async function parseKey(subtle, vkey) {
	const found = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(vkey) ?? refuse('not a verifier key');
	const key = fromBase64(found[3]);
	if (key.length !== HASH_SIZE + 1 || key[0] !== ED25519) {
		refuse('not an Ed25519 key');
	}
	const digest = await sha256(subtle, UTF8.encode(`${found[1]}\n`), key);
	const keyId = digest.slice(0, KEY_ID_SIZE);
	if (asHex(keyId) !== found[2]) {
		refuse('a verifier key whose id does not fit');
	}
	return { name: found[1], keyId, id: `${found[1]}+${found[2]}`, raw: key.slice(1), vkey };
}

/**
 * Check the key's signature over a note.
 *
 * Returns true when it holds, and false when this browser has no Ed25519: then nothing is known of the signature. A
 * signature that does not hold, or none by this key, is an error.
 */
export async function verifySignature(subtle, note, key) {
	const lines = note.signatures.filter((one) => one.name === key.name && same(one.keyId, key.keyId));
	if (lines.length === 0) {
		refuse(`the checkpoint is not signed by ${key.id}`, 'signature');
	}
	let imported;
	try {
		imported = await subtle.importKey('raw', key.raw, { name: 'Ed25519' }, false, ['verify']);
	} catch (error) {
		if (error.name === 'NotSupportedError') {
			return false;
		}
		refuse(`the key ${key.id} can't be used`);
	}
	for (const line of lines) {
		if (!(await subtle.verify({ name: 'Ed25519' }, imported, line.signature, UTF8.encode(note.text)))) {
			refuse(`the signature of ${key.id} does not hold`, 'signature');
		}
	}
	return true;
}

/** Follow an inclusion proof from a leaf hash to the root (RFC 9162 section 2.1.3.2). */
export async function rootOf(subtle, leaf, index, size, path) {
	if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
		refuse(`there is no record ${index} among ${size}`, 'path');
	}
	let at = BigInt(index);
	let last = BigInt(size - 1);
	let node = leaf;
	for (const sibling of path) {
		if (last === 0n) {
			refuse('the proof is too long', 'path');
		}
		if ((at & 1n) === 1n || at === last) {
			node = await sha256(subtle, Uint8Array.of(1), sibling, node);
			// Where the node has no right neighbour it moves up alone until it is a right child.
			while ((at & 1n) === 0n && at !== 0n) {
				at >>= 1n;
				last >>= 1n;
			}
		} else {
			node = await sha256(subtle, Uint8Array.of(1), node, sibling);
		}
		at >>= 1n;
		last >>= 1n;
	}
	if (last !== 0n) {
		refuse('the proof is too short', 'path');
	}
	return node;
}

/**
 * Check a proof in the JSON form that the log serves, with the leaf hash in place of the entry.
 *
 * `wanted` says what was asked for: `origin`, `index`, and where it is known the `root` of a `size`.
 */
export async function checkProof(subtle, proof, key, wanted) {
	if (proof === null || typeof proof !== 'object' || !Array.isArray(proof.path)) {
		refuse('not a proof');
	}
	const note = parseNote(proof.checkpoint);
	const head = parseCheckpoint(note.text);
	if (head.origin !== wanted.origin || key.name !== wanted.origin) {
		refuse(`a checkpoint of ${head.origin}, not of ${wanted.origin}`, 'other');
	}
	if (proof.index !== wanted.index) {
		refuse(`a proof of record ${proof.index}, not of ${wanted.index}`, 'other');
	}
	const leaf = hashOf(proof.leaf_hash);
	const found = await rootOf(subtle, leaf, proof.index, head.size, proof.path.map(hashOf));
	if (!same(found, head.root)) {
		refuse('the hashes do not lead to the root that the checkpoint states', 'path');
	}
	if (head.size === wanted.size && !same(head.root, hashOf(wanted.root))) {
		refuse('the root hash on this page is not that of the checkpoint', 'root');
	}
	return { head, leaf, signed: await verifySignature(subtle, note, key) };
}

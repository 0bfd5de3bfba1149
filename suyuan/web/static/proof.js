// The button "check in this browser" of the page behind a code: asks the log for its key and for the proof of each of
// the item's records, checks them with `tlog.js`, and says what was checked and what was not.
//
// The sentences come with the page, in its language; what comes from the log is shown as text, never as markup.

import { ProofError, asHex, checkProof, parseKey } from './tlog.js';

const MISSING = 404;

const box = document.querySelector('[data-check]');
const words = JSON.parse(box.dataset.words);
const button = box.querySelector('button');
const answer = box.querySelector('[role=status]');

function said(key, values = {}) {
	return words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function line(parent, name, text, kind = '') {
	const element = document.createElement(name);
	element.textContent = text;
	element.className = kind;
	parent.append(element);
	return element;
}

function list(title, kind, sentences) {
	line(answer, 'h3', title);
	const items = line(answer, 'ul', '', kind);
	for (const sentence of sentences) {
		line(items, 'li', sentence);
	}
}

/** Get an answer of the log, or null where it has none; anything else says nothing about the log. */
async function fetched(address) {
	const response = await fetch(address, { cache: 'no-cache', credentials: 'omit' });
	if (!response.ok && response.status !== MISSING) {
		throw new Error(`${address}: ${response.status}`);
	}
	return response.ok ? response : null;
}

async function proofOf(log, index, size) {
	const address = `${log}/proof/${index}.json`;
	const response = (await fetched(`${address}?size=${size}`)) ?? (await fetched(address));
	if (response === null) {
		throw new ProofError(`no proof of record ${index}`, 'gone');
	}
	return response.json().catch(() => null);
}

async function check() {
	const log = `/log/${box.dataset.log}`;
	const { origin, root } = box.dataset;
	const size = Number(box.dataset.size);
	const records = box.dataset.records.split(',').map(Number);
	const { subtle } = globalThis.crypto;
	const keyText = await fetched(`${log}/key`);
	if (keyText === null) {
		throw new ProofError('no key', 'gone');
	}
	// The newest key alone; earlier ones stand below it.
	const key = await parseKey(subtle, (await keyText.text()).split('\n', 1)[0]);
	const checked = [];
	for (const index of records) {
		const proof = await proofOf(log, index, size);
		checked.push({ index, ...(await checkProof(subtle, proof, key, { origin, root, size, index })) });
	}
	return { key, checked };
}

function show({ key, checked }) {
	const signed = checked.every((one) => one.signed);
	const size = [...new Set(checked.map((one) => one.head.size))].join(', ');
	const numbers = checked.map((one) => one.index).join(', ');
	line(answer, 'p', said(signed ? 'good' : 'half', { count: checked.length }), signed ? 'found good' : 'found caution');
	const done = [said('records', { numbers, size })];
	if (signed) {
		done.push(said('signed', { size, key: key.id }));
	}
	list(said('done'), 'does', done);
	const hashes = line(answer, 'details', '');
	line(hashes, 'summary', said('hashes'));
	for (const one of checked) {
		line(hashes, 'p', said('hash', { number: one.index, leaf: asHex(one.leaf) }), 'mono');
	}
	const left = signed ? [] : [said('unsigned', { key: key.id })];
	left.push(said('left_content'), said('left_key', { key: key.vkey }), said('left_others'));
	if (box.dataset.more !== '0') {
		left.push(said('left_more', { more: box.dataset.more }));
	}
	list(said('left'), 'not', left);
}

async function run() {
	button.disabled = true;
	answer.replaceChildren();
	line(answer, 'p', said('running'));
	let found = null;
	let problem = null;
	try {
		found = await check();
	} catch (error) {
		problem = error;
	}
	answer.replaceChildren();
	if (found !== null) {
		show(found);
	} else if (problem instanceof ProofError) {
		line(answer, 'p', said('bad'), 'found alarm');
		line(answer, 'p', said(`why_${problem.kind}`));
		line(answer, 'p', said('bad_do'));
		line(answer, 'p', problem.message, 'hint').lang = 'en';
	} else {
		line(answer, 'p', said('undone'), 'found caution');
		line(answer, 'p', problem.message, 'hint').lang = 'en';
	}
	box.dataset.state = found !== null ? 'done' : problem instanceof ProofError ? 'failed' : 'undone';
	button.disabled = false;
}

box.hidden = false;
if (globalThis.crypto?.subtle === undefined) {
	button.hidden = true;
	line(answer, 'p', said('insecure'), 'hint');
	box.dataset.state = 'insecure';
} else {
	button.addEventListener('click', run);
	if (location.hash === '#check') {
		await run();
	}
}

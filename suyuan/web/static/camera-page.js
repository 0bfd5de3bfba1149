// The page with the camera: shows what is read, and says in one sentence what keeps it from reading.
//
// The sentences come with the page, in its language; what comes from codes and files is shown as text, never as markup.

import { MOST_PIXELS, codeText, openCamera, readPicture, whyNoCamera } from './camera.js';

const MOST_SHOWN = 50; // scans; older ones leave the page

const box = document.querySelector('[data-camera]');
const words = JSON.parse(box.dataset.words);
const [view, video, start, light, files, status, problem, title, list] = [
	...['.view', 'video', '[data-start]', '[data-light]', 'input[type=file]', '[role=status]', '[role=alert]', 'h2', 'ol'],
].map((name) => box.querySelector(name));
let camera = null;

function said(key, values = {}) {
	return words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function add(parent, name, text, kind = '') {
	const element = document.createElement(name);
	element.textContent = text;
	element.className = kind;
	parent.append(element);
	return element;
}

function complain(sentence) {
	problem.textContent = sentence;
	problem.hidden = sentence === '';
}

/** Show a code's text, a separator or other control character as a mark. */
function addCode(parent, text) {
	const line = add(parent, 'p', '', 'mono');
	for (const part of text.split(/([\0-\x1f\x7f])/)) {
		if (/^[\0-\x1f\x7f]$/.test(part)) {
			add(line, 'span', part === '\x1d' ? 'GS' : part.charCodeAt(0).toString(16).padStart(2, '0'), 'mark');
		} else {
			line.append(part);
		}
	}
}

function show(scan) {
	const item = document.createElement('li');
	item.className = 'card';
	item.dataset.scan = JSON.stringify(scan);
	addCode(item, scan.text);
	const facts = add(item, 'p', '', 'kind');
	add(facts, 'span', [scan.symbology, scan.symbology_identifier].join(' '));
	if (scan.gs1) {
		add(facts, 'span', 'GS1', 'verdict-word');
	}
	if (scan.confidence === 'single') {
		add(item, 'p', said('single'), 'hint');
	}
	const link = add(item, 'a', said('open'));
	const query = new URLSearchParams({ code: codeText(scan), lang: document.documentElement.lang });
	link.href = `/find?${query}`;
	link.setAttribute('aria-label', `${said('open')}: ${scan.text}`);
	list.prepend(item);
	while (list.children.length > MOST_SHOWN) {
		list.lastElementChild.remove();
	}
	title.hidden = false;
	if (navigator.userActivation?.hasBeenActive) {
		navigator.vibrate?.(60); // milliseconds
	}
}

function stopped(sentence) {
	camera = null;
	view.hidden = true;
	light.hidden = true;
	start.textContent = said('start');
	start.disabled = false;
	status.textContent = sentence;
	box.dataset.state = 'off';
}

async function run() {
	complain('');
	start.disabled = true;
	status.textContent = said('starting');
	try {
		view.hidden = false;
		camera = await openCamera(video, show, {
			onEnd: (error) => {
				stopped('');
				complain(said(error.kind));
			},
		});
		light.hidden = !camera.hasLight;
		light.setAttribute('aria-pressed', 'false');
		start.textContent = said('stop');
		start.disabled = false;
		status.textContent = said('looking');
		box.dataset.state = 'on';
	} catch (error) {
		stopped('');
		complain(said(error.kind ?? 'busy'));
	}
}

async function readFiles() {
	complain('');
	box.dataset.files = 'reading';
	for (const file of files.files) {
		status.textContent = said('reading');
		try {
			const scans = await readPicture(file);
			scans.forEach(show);
			status.textContent = scans.length === 0 ? said('none_in', { name: file.name }) : '';
		} catch (error) {
			status.textContent = '';
			complain(said(error.kind ?? 'reader', { name: file.name, limit: MOST_PIXELS / 1e6 }));
		}
	}
	files.value = '';
	box.dataset.files = 'done';
}

start.addEventListener('click', () => {
	if (camera === null) {
		run();
	} else {
		camera.close();
		stopped(said('stopped'));
	}
});
light.addEventListener('click', async () => {
	const on = light.getAttribute('aria-pressed') !== 'true';
	try {
		await camera.setLight(on);
		light.setAttribute('aria-pressed', String(on));
	} catch {
		light.hidden = true; // the camera has a light but does not let it be switched
	}
});
files.addEventListener('change', readFiles);
addEventListener('pagehide', () => camera?.close());

const why = whyNoCamera();
if (why !== null) {
	start.hidden = true;
	complain(said(why.kind));
}
box.dataset.state = why === null ? 'ready' : why.kind;

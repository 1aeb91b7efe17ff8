// A place that is filled later. The HTML comes from Python, which escapes whatever a learner typed.
function render({ model, el }) {
  el.setAttribute("role", "status");
  el.classList.add("jp-RenderedHTMLCommon");
  const paint = () => { el.innerHTML = model.get("html"); };
  paint();
  model.on("change:html", paint);
  return () => model.off("change:html", paint);
}
export default { render };

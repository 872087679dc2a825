/** Lint rules of our own: habits that no rule of the linter's knows. */

/** Private members have one style, `#name`: it is private at run time, too, and reads the same at every use. */
const privateByHash = {
  create(context) {
    const check = (node) => {
      if (node.accessibility === 'private' && node.kind !== 'constructor')
        context.report({ node, message: 'Write a private member as #name.' });
    };
    return { PropertyDefinition: check, MethodDefinition: check, TSParameterProperty: check };
  },
};

export default { meta: { name: 'skiplane' }, rules: { 'private-by-hash': privateByHash } };
